/** Every micro-benchmark still runs, proves its answers right, and mirrors a file of src/. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { run } from '../../fixtures/run.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, 'bench/micro');
const FILES = globSync('*/*.ts', { cwd: FOLDER }).sort();

t.test('bench/micro has the module that the speed of decisions is promised by', async (t) => {
  t.ok(FILES.includes(join('acl', 'decide.ts')));
});

for (const file of FILES) {
  t.test(`bench/micro/${file} runs`, async (t) => {
    t.ok(existsSync(join(ROOT, 'src', file)), 'and times a file that there is');
    const { status, stdout, stderr } = await run(process.execPath, [join(FOLDER, file), '--once', '--json']);
    t.same([status, stderr], [0, '']);
    const timings: { name: string; median: number }[] = JSON.parse(stdout);
    t.ok(timings.length > 0);
    // The clock may be too coarse for a thousand calls.
    for (const { name, median } of timings) t.ok(median >= 0, `${name}: ${median} ns`);
  });
}
