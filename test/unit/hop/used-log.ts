import { randomBytes } from 'node:crypto';
import { appendFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { UsedLog } from '#hop/used-log.ts';

t.test('use() takes what no log of the file has taken', async (t) => {
  const file = join(t.testdir({}), 'log');
  const logs = [new UsedLog(file, 10_000), new UsedLog(file, 10_000)];
  t.equal(statSync(file).mode & 0o777, 0o600);
  const marks = Array.from({ length: 3000 }, () => randomBytes(8));
  // One of them is behind by more than it reads at once.
  for (const mark of marks) t.ok(logs[0]?.use(mark));
  for (const mark of marks) t.notOk(logs[1]?.use(mark));
  const size = statSync(file).size;
  for (const mark of marks) t.notOk(logs[0]?.use(mark));
  t.equal(statSync(file).size, size, 'what is known does not grow the file');
  for (const log of logs) log.close();
});

// Attacks: bounded.
t.test('use() takes no more than it can tell apart', async (t) => {
  const file = join(t.testdir({}), 'log');
  const log = new UsedLog(file, 3);
  t.ok(log.use(randomBytes(8)));
  t.ok(log.use(randomBytes(8)));
  const full = { reason: 'assertion_unchecked', message: /There are more than can be told apart$/ };
  t.throws(() => log.use(randomBytes(8)), full);
  t.throws(() => log.use(randomBytes(8)), full);
  log.close();
});

t.test('use() takes nothing when the file is out of step, or shorter than it was', async (t) => {
  const file = join(t.testdir({}), 'log');
  const log = new UsedLog(file, 100);
  t.ok(log.use(randomBytes(8)));
  appendFileSync(file, 'x');
  const unknown = { reason: 'assertion_unchecked', message: /What was written cannot be read$/ };
  t.throws(() => log.use(randomBytes(8)), unknown);
  truncateSync(file, 0);
  t.throws(() => log.use(randomBytes(8)), unknown);
  log.close();
  t.throws(() => log.use(randomBytes(8)), { reason: 'assertion_unchecked', message: /EBADF/ });
});

t.test('a log whose file cannot be opened is none', async (t) => {
  t.throws(() => new UsedLog(t.testdir({}), 1), { reason: 'assertion_unchecked', message: /EISDIR/ });
});
