import { readFileSync, renameSync } from 'node:fs';
import t from 'tap';
import { AccessLog, type AccessLogOptions } from '#record/access-log.ts';
import type { RecordEntry } from '#record/entry.ts';
import { renderJson } from '#record/render-json.ts';
import { failingDisk } from '../../fixtures/failing-disk.ts';
import { type LogLine, logLines } from '../../fixtures/log-lines.ts';
import { sparseRecord } from '../../fixtures/records.ts';

interface Fixture {
  readonly accessLog: AccessLog;
  readonly reports: readonly LogLine[];
  readonly clock: { ms: number };
}

function start(options: Omit<AccessLogOptions, 'log'>): Fixture {
  const clock = { ms: 0 };
  const { log, lines } = logLines();
  const accessLog = new AccessLog({ now: () => clock.ms, ...options, log });
  return { accessLog, reports: lines, clock };
}

const byId = ({ transactionId }: RecordEntry): string => transactionId;
const entry = (transactionId: string): RecordEntry => sparseRecord({ transactionId });

t.test('write() appends a line of JSON for each record', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const { accessLog, reports } = start({ path });
  accessLog.write(entry('a'));
  accessLog.write(entry('b'));
  await accessLog.close();
  t.equal(readFileSync(path, 'utf8'), `${renderJson(entry('a'))}\n${renderJson(entry('b'))}\n`);
  t.equal(accessLog.dropped, 0);
  t.same(reports, []);
});

t.test('write() takes the rendering that it is given', async (t) => {
  const system = failingDisk();
  const { accessLog } = start({ path: 'stdout', system, render: byId });
  accessLog.write(entry('a'));
  await accessLog.flush();
  t.equal(system.written.get(1), 'a\n');
});

t.test('write() counts lost lines, and says so at most once in ten seconds', async (t) => {
  const lost: number[] = [];
  const options = { path: 'stdout', maxQueuedChars: 2, render: byId, onDrop: (n: number) => lost.push(n) };
  const { accessLog, reports, clock } = start({ ...options, system: failingDisk() });
  for (const id of ['a', 'b', 'c']) accessLog.write(entry(id));
  clock.ms += 10_000;
  accessLog.write(entry('d'));
  t.equal(accessLog.dropped, 3);
  t.same(lost, [1, 1, 1]);
  t.match(reports, [
    { level: 'error', msg: 'Access log lost lines', path: 'stdout', dropped: 1, suppressed: 0 },
    { level: 'error', msg: 'Access log lost lines', path: 'stdout', dropped: 3, suppressed: 1 },
  ]);
  t.equal(reports.length, 2);
});

t.test('write() reports why nothing can be written', async (t) => {
  const system = failingDisk();
  const { accessLog, reports } = start({ path: 'stdout', system, render: byId });
  system.fates = [{ code: 'ENOSPC' }, { code: 'ENOSPC' }];
  accessLog.write(entry('a'));
  await accessLog.flush();
  await accessLog.flush();
  t.match(reports, [{ msg: 'Cannot write access log', err: { code: 'ENOSPC' }, dropped: 0 }]);
  t.equal(reports.length, 1);
});

t.test('reopen() goes on in a new file', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const { accessLog } = start({ path, render: byId });
  accessLog.write(entry('a'));
  await accessLog.flush();
  renameSync(path, `${path}.1`);
  await accessLog.reopen();
  accessLog.write(entry('b'));
  await accessLog.close();
  t.equal(readFileSync(`${path}.1`, 'utf8'), 'a\n');
  t.equal(readFileSync(path, 'utf8'), 'b\n');
});

t.test('flushSync() writes at once', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const { accessLog } = start({ path, render: byId });
  accessLog.write(entry('a'));
  accessLog.flushSync();
  t.equal(readFileSync(path, 'utf8'), 'a\n');
  await accessLog.close();
});

t.test('new AccessLog() says which file cannot be opened, and why', async (t) => {
  const path = t.testdir();
  t.throws(() => start({ path }), {
    message: `Cannot open access log "${path}": EISDIR: illegal operation on a directory, open '${path}'`,
    cause: { code: 'EISDIR' },
  });
});
