/** deploy/lib/execute.ts and process-tree.ts: a program that is out of time ends with all that it has started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import t from 'tap';
import { execute } from '../../deploy/lib/execute.ts';
import { killTree } from '../../deploy/lib/process-tree.ts';
import type { Ended } from '../../deploy/lib/shell.ts';
import { eventually } from '../fixtures/within.ts';

/** Says who it is, and lasts; so do its child and the child of that. */
const FAMILY = 'echo $$; sh -c "echo \\$\\$; sleep 1000 & echo \\$!; wait" & wait';

/** One that is dead may wait for long until somebody takes notice. */
const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

const pidsIn = (text: string): number[] => text.trim().split('\n').filter(Boolean).map(Number);

t.test('a family ends as a whole, and strangers live', async (t) => {
  const [child, stranger] = [spawn('sh', ['-c', FAMILY]), spawn('sh', ['-c', FAMILY])];
  const membersOf = async ({ stdout }: typeof child): Promise<number[]> => {
    const lines = createInterface(stdout)[Symbol.asyncIterator]();
    return [await lines.next(), await lines.next(), await lines.next()].map(({ value }) => Number(value));
  };
  const [members, others] = [await membersOf(child), await membersOf(stranger)];
  t.ok(members.every(isAlive));
  const closed = once(child, 'close');
  killTree(child.pid as number);
  await closed;
  await eventually(() => !members.some(isAlive), 'all of them to be gone');
  t.ok(others.every(isAlive));
  killTree(stranger.pid as number);
  await once(stranger, 'close');
});

t.test('so does one that is out of time; what it said until then is kept', async (t) => {
  let ended: Ended;
  let members: number[];
  let timeoutMs = 100;
  do {
    ended = await execute({ words: ['sh', '-c', FAMILY], timeoutMs });
    members = pidsIn(ended.stdout.toString());
    timeoutMs *= 2;
    // On a busy machine it has not come that far.
  } while (members.length < 3);
  t.equal(ended.status, undefined);
  await eventually(() => !members.some(isAlive), 'all of them to be gone');
});
