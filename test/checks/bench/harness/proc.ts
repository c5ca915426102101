/** What is read from /proc, and that a process is charged for those below it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import t from 'tap';
import { cpuSecondsOf, residentBytesOf, residentPagesIn, ticksIn } from '../../../../bench/harness/proc.ts';

const STAT_REST =
  'S 1 10 10 0 -1 4194304 500 0 0 0 700 30 4 2 20 0 1 0 100 1000000 200 18446744073709551615 1 1 0 0 0';

t.test('ticksIn() sums user, system and those of children that ended', async (t) => {
  t.equal(ticksIn(`10 (squid) ${STAT_REST}`), 736);
  t.equal(ticksIn(`10 (a (b) c) ${STAT_REST}`), 736, 'a name with spaces and parentheses');
  t.throws(() => ticksIn('10 (squid) S 1'), /Cannot read processor time/);
});

t.test('residentPagesIn() takes the second number', async (t) => {
  t.equal(residentPagesIn('1000 250 100 10 0 300 0'), 250);
  t.throws(() => residentPagesIn(''), /Cannot read resident memory/);
});

t.test('a process is charged for its children, while they run and when they have ended', async (t) => {
  const before = cpuSecondsOf([process.pid]);
  const code = `
    const end = process.cpuUsage().user + 200_000;
    while (process.cpuUsage().user < end);
    process.send('worked');
    process.on('message', () => process.exit());`;
  const file = t.testdir({ 'worker.mjs': code });
  const child = fork(`${file}/worker.mjs`);
  await once(child, 'message');
  t.ok(cpuSecondsOf([process.pid]) - before >= 0.2, 'while it runs');
  t.ok(residentBytesOf([process.pid]) > process.memoryUsage.rss(), 'its memory, too');
  child.send('end');
  await once(child, 'close');
  t.ok(cpuSecondsOf([process.pid]) - before >= 0.2, 'when it has ended');
});

t.test('a process that is gone has used nothing', async (t) => {
  const child = fork(`${t.testdir({ 'nothing.mjs': '' })}/nothing.mjs`);
  await once(child, 'close');
  t.equal(cpuSecondsOf([child.pid ?? 0]), 0);
});
