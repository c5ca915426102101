/** What `npm run drill` refuses before it breaks anything; what it shows is for itself to show. */
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { run } from '../fixtures/run.ts';

const DRILL = join(import.meta.dirname, '../drill/drill.ts');
const drill = (...args: readonly string[]) => run(process.execPath, [DRILL, ...args]);

t.test('a drill that would break nothing is refused, with what there is', async (t) => {
  const ended = await drill('--only', 'a peer is kilt');
  t.match(ended, {
    status: 1,
    stdout: '',
    stderr: /no title has "a peer is kilt"\. There are: a peer is killed; /,
  });
  t.match(ended.stderr, /; the disk of an audit trail is full$/m);
});

t.test('so is one with a number of processes that is none', async (t) => {
  t.match(await drill('--workers', '1,many'), { status: 1, stderr: /--workers is "1,many"\. Write numbers/ });
});
