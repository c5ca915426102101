/** Without a baseline there is no comparison: what is not a whole commit hash is refused. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { commitIn, readBaseline } from '../../../../bench/guard/baseline.ts';

t.test('commitIn() takes a full hash and nothing less', async (t) => {
  const hash = '0123456789abcdef0123456789abcdef01234567';
  t.equal(commitIn(`${hash}\n`), hash);
  for (const text of ['', 'HEAD', hash.slice(0, 12), `${hash} ${hash}`, hash.toUpperCase()]) {
    t.throws(() => commitIn(text), /must hold a full commit hash/, JSON.stringify(text));
  }
});

t.test('readBaseline() fails where there is no file, and where it names no commit', async (t) => {
  const folder = t.testdir({ unknown: `${'0'.repeat(40)}\n` });
  t.throws(() => readBaseline(join(folder, 'none')), /there is no baseline/);
  t.throws(() => readBaseline(join(folder, 'unknown')), /is no commit that this clone has/);
});

t.test('bench/run.ts refuses what it does not know before it starts anything', async (t) => {
  const file = join(import.meta.dirname, '../../../../bench/run.ts');
  const run = spawnSync(process.execPath, [file, '--only', 'everything'], { encoding: 'utf8' });
  t.equal(run.status, 1);
  t.match(run.stderr, /Cannot measure "everything": there are set-up /);
});
