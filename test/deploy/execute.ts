/** deploy/lib/execute.ts and process-tree.ts: a program that is out of time ends with all that it has started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { execute } from '../../deploy/lib/execute.ts';
import { killFamily, newMark } from '../../deploy/lib/process-tree.ts';
import type { Ended } from '../../deploy/lib/shell.ts';
import { isAlive } from '../fixtures/process-state.ts';
import { eventually } from '../fixtures/within.ts';

/** Says who it is, and lasts; so do its child and the child of that. */
const FAMILY = 'echo $$; sh -c "echo \\$\\$; sleep 1000 & echo \\$!; wait" & wait';

const pidsIn = (text: string): number[] => text.trim().split('\n').filter(Boolean).map(Number);

/** Starts one that lasts, says who it is, and ends: that one is nobody's child then. */
const ORPHAN = 'sh -c "sleep 1000 & echo \\$!"';

/** A family, which ends with the test at the latest. @returns who is in it, too: parent, child, and the child of that */
async function family(t: Test) {
  const child = spawn('sh', ['-c', FAMILY]);
  const members: number[] = [];
  t.teardown(() => endAll([child.pid as number, ...members]));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  while (members.length < 3) members.push(Number((await lines.next()).value));
  return { child, members };
}

function endAll(pids: readonly number[]): void {
  for (const root of pids.filter(isAlive)) killFamily({ root, mark: newMark() });
}

t.test('a family ends as a whole, and strangers live', async (t) => {
  const [{ child, members }, stranger] = await Promise.all([family(t), family(t)]);
  t.ok(members.every(isAlive));
  const closed = once(child, 'close');
  killFamily({ root: child.pid, mark: newMark() });
  await closed;
  await eventually(() => !members.some(isAlive), 'all of them to be gone');
  t.ok(stranger.members.every(isAlive));
});

t.test('one that is not ours to end is left, and all others end', async (t) => {
  const { child, members } = await family(t);
  const another = members.at(-1);
  killFamily({ root: child.pid, mark: newMark() }, (pid, name) => {
    if (pid === another) throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    process.kill(pid, name);
  });
  await eventually(() => members.filter(isAlive).length === 1, 'the others to be gone');
  t.same(members.filter(isAlive), [another]);
});

/** Runs `script` until it has said who `count` are, and is out of time. @returns these */
async function outOfTime(t: Test, script: string, count: number): Promise<readonly number[]> {
  let ended: Ended;
  let said: number[] = [];
  let timeoutMs = 100;
  t.teardown(() => endAll(said));
  do {
    ended = await execute({ words: ['sh', '-c', script], timeoutMs });
    said = pidsIn(ended.stdout.toString());
    timeoutMs *= 2;
    // On a busy machine it has not come that far.
  } while (said.length < count);
  t.equal(ended.status, undefined);
  return said;
}

t.test('so does one that is out of time; what it said until then is kept', async (t) => {
  const members = await outOfTime(t, FAMILY, 3);
  await eventually(() => !members.some(isAlive), 'all of them to be gone');
});

t.test('one whose parent has ended ends as well, in a session of its own, too', async (t) => {
  for (const script of [`${ORPHAN}; sleep 1000`, `setsid ${ORPHAN}; sleep 1000`]) {
    const members = await outOfTime(t, script, 1);
    await eventually(() => !members.some(isAlive), `${script}: to be gone`);
  }
});

t.test('so it does where the program itself has ended, and it holds its output open', async (t) => {
  const members = await outOfTime(t, ORPHAN, 1);
  await eventually(() => !members.some(isAlive), 'it to be gone');
});

t.test(
  "what a program has left behind that ended in time lives, and so does another program's",
  async (t) => {
    const left = 'sleep 1000 >/dev/null 2>&1 & echo $!';
    const { status, stdout } = await execute({ words: ['sh', '-c', left] });
    const stayed = pidsIn(stdout.toString());
    t.teardown(() => endAll(stayed));
    t.match([status, stayed.length], [0, 1]);
    await outOfTime(t, ORPHAN, 1);
    t.ok(stayed.every(isAlive));
  },
);

t.test('who starts others faster than they are stopped is not followed for ever', (t) => {
  const mark = newMark();
  const started: number[] = [];
  const startOne = (): void => {
    const { pid } = spawn('sleep', ['1000'], { env: { ...process.env, [mark]: '' }, stdio: 'ignore' });
    started.push(pid as number);
  };
  t.teardown(() => endAll(started));
  startOne();
  // Each time that one is stopped another is there.
  killFamily({ root: undefined, mark }, (pid, name) => {
    process.kill(pid, name);
    if (name === 'SIGSTOP') startOne();
  });
  t.equal(started.length, 101);
  t.end();
});
