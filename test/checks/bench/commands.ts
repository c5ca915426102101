/** Every command of the bench answers `--help`, and refuses what it does not know before it starts anything. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { benchRun } from '../../fixtures/bench-run.ts';

const ROOT = join(import.meta.dirname, '../../..');

function run(file: string, ...args: readonly string[]) {
  // A command that takes no notice of its arguments works for minutes.
  return spawnSync(process.execPath, [join(ROOT, file), ...args], { encoding: 'utf8', timeout: 20_000 });
}

for (const [file, unknown] of [
  ['bench/run.ts', /Unexpected argument 'nosuch'/],
  ['bench/quick.ts', /Unexpected argument 'nosuch'/],
  ['bench/micro.ts', /Cannot time "nosuch": there are acl\/decide /],
  ['bench/docs.ts', /Cannot find results: there is no results\.json in "nosuch"/],
  ['scripts/demo.ts', /Unexpected argument 'nosuch'/],
] as const) {
  t.test(file, async (t) => {
    const help = run(file, '--help');
    t.match(help, { status: 0, stderr: '' });
    t.match(help.stdout, /^npm run (bench|demo)/);
    t.match(run(file, 'nosuch'), { status: 1, stdout: '', stderr: unknown });
    t.match(run(file, '--nosuch'), { status: 1, stdout: '', stderr: /Unknown option '--nosuch'/ });
  });
}

t.test('bench/micro.ts takes the option of a module with that module only', async (t) => {
  t.match(run('bench/micro.ts', 'net/host', '--domains', '10'), { status: 1, stderr: /only acl\/decide/ });
  t.match(run('bench/micro.ts', 'acl/decide', '--domains', 'ten'), {
    status: 1,
    stderr: /Cannot take "ten"/,
  });
});

t.test('bench/docs.ts refuses a part of a run, and leaves the page as it is', async (t) => {
  const folder = t.testdir();
  mkdirSync(folder, { recursive: true });
  const page = (): string => readFileSync(join(ROOT, 'docs/performance.md'), 'utf8');
  const before = page();
  const observation = { workload: 'set-up', subject: 'weir', round: 1, readings: { cpu: 1 } };
  for (const [results, why] of [
    [benchRun([]), /it measured nothing/],
    [benchRun([observation], { isQuick: true }), /it was a quick one/],
    [benchRun([observation], { workloads: ['set-up'] }), /23 of 23 promises were not measured/],
  ] as const) {
    writeFileSync(join(folder, 'results.json'), JSON.stringify(results));
    const { status, stderr } = run('bench/docs.ts', folder);
    t.equal(status, 1);
    t.match(stderr, why);
    t.match(stderr, /Nothing was written\. .*--partial/);
  }
  t.equal(page(), before);
});
