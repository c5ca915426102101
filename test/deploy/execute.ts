/** deploy/lib/execute.ts and process-tree.ts: a program that is out of time ends with all that it has started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { execute } from '../../deploy/lib/execute.ts';
import { killTree } from '../../deploy/lib/process-tree.ts';
import type { Ended } from '../../deploy/lib/shell.ts';
import { eventually } from '../fixtures/within.ts';

/** Says who it is, and lasts; so do its child and the child of that. */
const FAMILY = 'echo $$; sh -c "echo \\$\\$; sleep 1000 & echo \\$!; wait" & wait';

/** One that is dead may wait for long until somebody takes notice, and be gone before it is looked at. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

const pidsIn = (text: string): number[] => text.trim().split('\n').filter(Boolean).map(Number);

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
  for (const pid of pids.filter(isAlive)) killTree(pid);
}

t.test('a family ends as a whole, and strangers live', async (t) => {
  const [{ child, members }, stranger] = await Promise.all([family(t), family(t)]);
  t.ok(members.every(isAlive));
  const closed = once(child, 'close');
  killTree(child.pid as number);
  await closed;
  await eventually(() => !members.some(isAlive), 'all of them to be gone');
  t.ok(stranger.members.every(isAlive));
});

t.test('one that is not ours to end is left, and all others end', async (t) => {
  const { child, members } = await family(t);
  const another = members.at(-1);
  killTree(child.pid as number, (pid, name) => {
    if (pid === another) throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    process.kill(pid, name);
  });
  await eventually(() => members.filter(isAlive).length === 1, 'the others to be gone');
  t.same(members.filter(isAlive), [another]);
});

t.test('so does one that is out of time; what it said until then is kept', async (t) => {
  let ended: Ended;
  let members: number[] = [];
  let timeoutMs = 100;
  t.teardown(() => endAll(members));
  do {
    ended = await execute({ words: ['sh', '-c', FAMILY], timeoutMs });
    members = pidsIn(ended.stdout.toString());
    timeoutMs *= 2;
    // On a busy machine it has not come that far.
  } while (members.length < 3);
  t.equal(ended.status, undefined);
  await eventually(() => !members.some(isAlive), 'all of them to be gone');
});
