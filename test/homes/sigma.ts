/**
 * The rules for a SIEM raise an alarm over lines that should raise one, and none over those beside them. A reader of our own
 * judges them (test/fixtures/sigma.ts); no SIEM runs here.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { renderEcs } from '#record/render-ecs.ts';
import { fullRecord } from '../fixtures/records.ts';
import { alarms, fieldsOf, matches, readSigma, type SigmaEvent } from '../fixtures/sigma.ts';

const FOLDER = join(import.meta.dirname, '../../vm/shipping/sigma');
const FILES = readdirSync(FOLDER).sort();

/** Lines as Weir writes them, of a tunnel that went well but for what `fields` says. */
const line = (fields: Partial<RecordEntry>): SigmaEvent =>
  JSON.parse(renderEcs(fullRecord({ reason: undefined, error: undefined, detail: undefined, ...fields })));

const refusals = (count: number, everyMs: number, fields: Partial<RecordEntry> = {}): SigmaEvent[] =>
  Array.from({ length: count }, (_, index) =>
    line({ outcome: 'denied', reason: 'no_rule_matched', timeMs: 1e12 + index * everyMs, ...fields }),
  );

interface Case {
  readonly alarm: readonly SigmaEvent[];
  readonly none: readonly (readonly SigmaEvent[])[];
}

const direct = { peer: undefined, upstreamIp: '192.0.2.1' };
const upload = { bytesFromClient: 50_000_000, bytesToClient: 1_000_000 };

const CASES: Readonly<Record<string, Case>> = {
  'denial-burst.yml': {
    alarm: refusals(50, 6000),
    none: [
      refusals(49, 6000),
      refusals(50, 6200),
      [...refusals(25, 100), ...refusals(25, 100, { clientIp: '10.128.0.8' })],
      refusals(50, 100, { outcome: 'failed', reason: 'dns_error' }),
    ],
  },
  'direct-bypass.yml': {
    alarm: [line(direct)],
    none: [[line({})], [line({ ...direct, hop: 't2' })], [line({ ...direct, rule: undefined })]],
  },
  'new-destination.yml': {
    alarm: [line({ host: 'notmicrosoft.com' })],
    none: [
      [line({ host: 'login.microsoft.com' })],
      [line({ host: 'microsoft.com' })],
      [line({ host: 'a.example', outcome: 'denied' })],
      [line({ host: 'a.example', event: 'open', outcome: undefined })],
    ],
  },
  'upload-ratio.yml': {
    alarm: [line(upload)],
    none: [
      [line({ ...upload, bytesFromClient: 49_999_999 })],
      [line({ ...upload, bytesToClient: 1_000_001 })],
      [line({ ...upload, event: 'update', outcome: undefined })],
    ],
  },
};

t.test('every rule has its cases', async (t) => t.same(FILES, Object.keys(CASES)));

for (const [file, { alarm, none }] of Object.entries(CASES)) {
  t.test(`${file} raises an alarm where it should, and nowhere else`, async (t) => {
    const rules = readSigma(join(FOLDER, file));
    t.ok(alarms(rules, alarm));
    for (const events of none) t.notOk(alarms(rules, events));
  });
}

t.test('rules ask for fields that records have, of our log', async (t) => {
  const known = { ...line({}), ...line(direct) };
  const rules = FILES.flatMap((file) => readSigma(join(FOLDER, file)));
  for (const rule of rules) {
    for (const field of fieldsOf(rule)) t.ok(field in known, `${rule.title}: ${field}`);
    if (rule.correlation === undefined) t.same(rule.logsource, { product: 'weir', service: 'access' });
  }
});

t.test('what the reader does not know is no rule that matches nothing', async (t) => {
  const judge = (detection: object) => () =>
    matches({ title: 'odd', detection: detection as { condition: string } }, line({}));
  t.throws(judge({ a: { 'user.name|re': 'x' }, condition: 'a' }), /Cannot judge "user.name\|re"/);
  t.throws(judge({ a: {}, condition: 'a or b' }), /Cannot judge the condition "a or b"/);
  t.throws(judge({ a: {}, condition: 'b' }), /"odd" has no b/);
});
