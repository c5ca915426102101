/** deploy/lib/runner.ts: which steps are run, which are left alone, and where it goes on. */
import t from 'tap';
import { ExitCode } from '../../deploy/lib/exit-codes.ts';
import { Fault } from '../../deploy/lib/fault.ts';
import { runSteps } from '../../deploy/lib/runner.ts';
import type { Step } from '../../deploy/lib/step.ts';
import { type Stage, stage } from '../fixtures/deploy/stage.ts';

/** Steps by these names that write down that they were run; `more` has what else one of them is. */
function chain(names: readonly string[], more: Readonly<Record<string, Partial<Step>>> = {}) {
  const ran: string[] = [];
  const steps = names.map((id, at): Step => {
    const run = async (): Promise<undefined> => void ran.push(id);
    return { id, title: `${id} is done`, cure: 'mend it', after: names.slice(at - 1, at), run, ...more[id] };
  });
  return { steps, ran };
}

/** Fails as often as it is said, and then no more. */
function failing(times: number, exitCode?: number): Step['run'] {
  let left = times;
  return async () => {
    left -= 1;
    if (left >= 0) throw new Fault('It is broken', 'mend this', exitCode);
    return 'mended';
  };
}

const again = (t: Parameters<typeof stage>[0], before: Stage): Stage => {
  before.state.close();
  return stage(t, { file: before.state.file });
};

t.test('steps are run in order and once, and left alone while they go by the same', async (t) => {
  const first = stage(t);
  let input = 1;
  const { steps, ran } = chain(['a', 'b', 'c'], { b: { inputs: () => input } });
  t.equal(await runSteps(steps, first), ExitCode.Done);
  const second = again(t, first);
  t.equal(await runSteps(steps, second), ExitCode.Done);
  t.same(ran, ['a', 'b', 'c']);
  t.match(second.err, [/^– a/, /^– b/, /^– c .*done 2026-11-29T00:00:00.000Z/]);
  input = 2;
  t.equal(await runSteps(steps, again(t, second)), ExitCode.Done);
  t.same(ran, ['a', 'b', 'c', 'b', 'c'], 'and what builds upon it');
});

t.test('the first ✗ ends it with what to do, and the next start goes on there', async (t) => {
  const first = stage(t);
  const { steps, ran } = chain(['a', 'b', 'c'], { b: { run: failing(1, ExitCode.Escalate) } });
  t.equal(await runSteps(steps, first), ExitCode.Escalate);
  t.match(first.err.at(-1), /✗ b {2}b is done\n {2}It is broken\n {2}To do: mend this/);
  t.equal(await runSteps(steps, again(t, first)), ExitCode.Done);
  t.same(ran, ['a', 'c']);
});

t.test('a fault of our own program names the step, and its cure is the step’s', async (t) => {
  const world = stage(t);
  const { steps } = chain(['a'], { a: { run: () => Promise.reject(new Error('odd')) } });
  t.equal(await runSteps(steps, world), ExitCode.Wrong);
  t.match(world.err[0], /✗ a .*\n {2}odd\n {2}To do: mend it/);
});

t.test('a test that fails goes back to the step that it names, so many times and no more', async (t) => {
  const back = { to: 'install', times: 2 };
  const world = stage(t);
  const mended = chain(['install', 'test', 'next'], { test: { back, run: failing(2) } });
  t.equal(await runSteps(mended.steps, world), ExitCode.Done);
  t.same(mended.ran, ['install', 'install', 'install', 'next']);
  t.match(world.err.join('\n'), /- Back to install/);
  const broken = chain(['install', 'test', 'next'], { test: { back, run: failing(9) } });
  t.equal(await runSteps(broken.steps, stage(t)), ExitCode.Wrong);
  t.same(broken.ran, ['install', 'install', 'install']);
});

t.test('what is so already is not run, and what only looks is run each time', async (t) => {
  const first = stage(t);
  const { steps, ran } = chain(['look', 'there', 'rest'], {
    look: { isAlways: true },
    there: { isDone: async () => true },
  });
  await runSteps(steps, first);
  await runSteps(steps, again(t, first));
  t.same(ran, ['look', 'rest', 'look']);
  t.match(first.err[1], /✓ there .*is so already/);
});

t.test('a range is done anew, and nothing else', async (t) => {
  const world = stage(t);
  const { steps, ran } = chain(['a', 'b', 'c', 'd']);
  await runSteps(steps, world, { until: 'b' });
  t.same(ran.splice(0), ['a', 'b']);
  await runSteps(steps, world);
  t.same(ran.splice(0), ['c', 'd']);
  await runSteps(steps, world, { only: ['b'] });
  t.same(ran.splice(0), ['b']);
  await runSteps(steps, world);
  t.same(ran.splice(0), ['c', 'd'], 'what builds upon it follows in the next run');
  await runSteps(steps, world, { from: 'c' });
  t.same(ran.splice(0), ['c', 'd']);
});

t.test('a dry run tells what would be done, goes on behind a ✗, and ends as it', async (t) => {
  const world = stage(t, { isDry: true });
  const { steps } = chain(['a', 'b', 'c'], { b: { run: failing(9), back: { to: 'a', times: 2 } } });
  t.equal(await runSteps(steps, world), ExitCode.Wrong);
  t.match(world.err, [/^– a/, /^✗ b/, /^– c/]);
});

t.test('a dry run ends where a person has to decide', async (t) => {
  const world = stage(t, { isDry: true });
  const run = async (): Promise<never> => {
    throw new Fault('nothing is there', 'decide', ExitCode.Escalate);
  };
  const { steps, ran } = chain(['a', 'b', 'c'], { b: { run } });
  t.equal(await runSteps(steps, world), ExitCode.Escalate);
  t.match(world.err, [/^– a/, /^✗ b/]);
  t.same(ran, ['a']);
});

t.test('what is gone that a step has made is made again, and nothing that builds upon it', async (t) => {
  const first = stage(t);
  let isStale = false;
  const { steps, ran } = chain(['a', 'b'], { a: { isStale: () => isStale } });
  await runSteps(steps, first);
  const second = again(t, first);
  await runSteps(steps, second);
  t.same(ran, ['a', 'b']);
  isStale = true;
  await runSteps(steps, again(t, second));
  t.same(ran, ['a', 'b', 'a']);
});

t.test(
  'all that the chosen steps lack is said once, before any of them, and nothing is forgotten',
  async (t) => {
    const missing = (file: string): Fault => new Fault(`${file} is not there`, 'bring it', ExitCode.NoInput);
    const cannot = new Fault('It cannot be used', 'mend it');
    let lacked: readonly Fault[] = [];
    const { steps, ran } = chain(['a', 'b', 'c'], {
      a: { lacks: () => [missing('x')] },
      b: { lacks: () => lacked },
      c: { lacks: () => lacked },
    });
    const world = stage(t);
    await runSteps(steps, world, { only: ['b', 'c'] });
    t.same(ran.splice(0), ['b', 'c']);
    lacked = [cannot];
    world.err.length = 0;
    t.equal(await runSteps(steps, world, { only: ['b', 'c'] }), ExitCode.Wrong);
    t.match(world.err, [/^✗ before {2}[^\n]*\n {2}It cannot be used\n {2}To do: mend it$/]);
    t.match(world.state.step('c'), { stamp: /./ }, 'it is as done as it was');
    lacked = [cannot, missing('y')];
    world.err.length = 0;
    t.equal(await runSteps(steps, world, { until: 'c' }), ExitCode.NoInput);
    t.match(world.err, [
      /^✗ before .*\n {2}x is not there\n.*\n {2}It cannot be used\n.*\n {2}y is not there\n.*$/,
    ]);
    t.same(ran, []);
  },
);

t.test('a step that cannot tell what it lacks is no reason to crash', async (t) => {
  const world = stage(t);
  const lacks = (): never => {
    throw new Error('odd');
  };
  const { steps, ran } = chain(['a'], { a: { lacks } });
  t.equal(await runSteps(steps, world), ExitCode.Wrong);
  t.match(world.err, [/ {2}odd\n {2}To do: mend it$/]);
  t.same(ran, []);
});
