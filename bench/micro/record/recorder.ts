/**
 * `node bench/micro/record/recorder.ts [--json] [--once]`: processor time of all threads for one record: rendered, counted, and both
 * with the line written to a file. First proves that the lines arrive. Records differ from call to call, as those of real tunnels do.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AccessLog } from '#record/access-log.ts';
import type { RecordEntry } from '#record/entry.ts';
import { Metrics } from '#record/metrics.ts';
import { createLog } from '#record/operational-log.ts';
import { BatchRecorder } from '#record/recorder.ts';
import { renderJson } from '#record/render-json.ts';
import { measureSlow } from '../measure.ts';
import { ENTRIES, orderlyRecords } from '../records.ts';

const CALLS = 50_000;
/** Records in one turn of the event loop. */
const PER_TURN = 10;

const entries = orderlyRecords();

const folder = mkdtempSync(join(tmpdir(), 'weir-record-'));
const path = join(folder, 'access.log');
const log = createLog({ level: 'error', name: 'bench' });
const accessLog = new AccessLog({ path, log });
const metrics = new Metrics();
const recorder = new BatchRecorder({ accessLog, metrics, log });

const WORK: Readonly<Record<string, (entry: RecordEntry) => void>> = {
  'an empty turn': () => {},
  'renderJson()': (entry) => void renderJson(entry),
  'observe()': (entry) => metrics.observe(entry),
  'record()': (entry) => recorder.record(entry),
};

async function inTurns(work: (entry: RecordEntry) => void, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += PER_TURN) {
    for (let index = call; index < call + PER_TURN; index += 1) work(entries[index % ENTRIES] as RecordEntry);
    await nextTurn();
  }
  recorder.settle();
  await accessLog.flush();
}

for (const entry of entries) recorder.record(entry);
recorder.settle();
await accessLog.flush();
assert.equal(readFileSync(path, 'utf8'), entries.map((entry) => `${renderJson(entry)}\n`).join(''));

await measureSlow(
  `records, ${PER_TURN} in a turn`,
  Object.entries(WORK).map(([name, work]) => ({ name, work: (calls) => inTurns(work, calls) })),
  CALLS,
);
assert.equal(accessLog.dropped, 0);
await accessLog.close();
rmSync(folder, { recursive: true });
