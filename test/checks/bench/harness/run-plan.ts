/** The order of a run, and what becomes of subjects that fail; and that the real Weir, by the examples, can be measured at all. */
import t from 'tap';
import type { Plan, Step } from '../../../../bench/harness/plan.ts';
import { runPlan } from '../../../../bench/harness/run-plan.ts';
import type { Subject } from '../../../../bench/subjects/subject.ts';
import { weir, weirTwoTier } from '../../../../bench/subjects/weir.ts';
import { setUp } from '../../../../bench/workloads/set-up.ts';
import { QUICK } from '../../../../bench/workloads/sizes.ts';
import type { Workload } from '../../../../bench/workloads/workload.ts';

t.setTimeout(120_000);

/** A subject without processes that notes when it starts and ends. */
function subject(name: string, notes: string[], start: () => void = () => {}): Subject {
  return {
    name,
    title: name,
    story: '',
    start: async ({ domains, roundTripMs }) => {
      start();
      const setting = [domains, roundTripMs].filter((value) => value !== undefined);
      notes.push([`${name} starts`, ...setting].join(' with '));
      return { host: name, pids: [], [Symbol.asyncDispose]: async () => void notes.push(`${name} ends`) };
    },
  };
}

function workload(notes: string[], rest: Partial<Workload> = {}): Workload {
  return {
    name: 'work',
    title: 'Work',
    unit: 'piece',
    story: '',
    subjects: ['a', 'b'],
    prove: async ({ way }) => void notes.push(`${way.host} proves`),
    warmUp: async ({ way }) => void notes.push(`${way.host} warms up`),
    round: async ({ way }) => {
      notes.push(`${way.host} works`);
      return [{ readings: { cpu: 1 } }];
    },
    ...rest,
  };
}

/** Runs `work` with `subjects` for two rounds. */
async function run(subjects: readonly Subject[], work: Workload, onStep: Plan['onStep'] = () => {}) {
  return await runPlan({ subjects, workloads: [work], rounds: 2, onStep });
}

t.test('rounds are interleaved, after all have proven themselves and are warm', async (t) => {
  const notes: string[] = [];
  const steps: Step[] = [];
  const outsider = subject('outsider', notes);
  const subjects = [subject('a', notes), subject('b', notes), outsider];
  const { observations, faults } = await run(subjects, workload(notes), (step) => steps.push(step));
  t.same(notes, [
    ...['a starts', 'a proves', 'a warms up', 'b starts', 'b proves', 'b warms up'],
    ...['a works', 'b works', 'a works', 'b works'],
    ...['b ends', 'a ends'],
  ]);
  t.same(
    observations.map(({ subject, round }) => `${subject}${round}`),
    ['a1', 'b1', 'a2', 'b2'],
  );
  t.same(faults, []);
  t.same(
    steps.map(({ index }) => index),
    [0, 1, 2, 3, 4, 5],
  );
  t.equal(steps[0]?.total, 6);
});

t.test('a workload of several laps is measured so often in each round, in turn', async (t) => {
  const notes: string[] = [];
  const steps: Step[] = [];
  const subjects = [subject('a', notes), subject('b', notes)];
  const { observations } = await run(subjects, workload(notes, { laps: 2 }), (step) => steps.push(step));
  t.same(
    observations.map(({ subject, round }) => `${subject}${round}`),
    ['a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a4', 'b4'],
  );
  t.equal(steps[0]?.total, 10);
});

t.test('a mirrored run takes every second round backwards', async (t) => {
  const notes: string[] = [];
  const { observations } = await runPlan({
    subjects: [subject('a', notes), subject('b', notes)],
    workloads: [workload(notes)],
    rounds: 3,
    isMirrored: true,
    onStep: () => {},
  });
  t.same(
    observations.map(({ subject, round }) => `${subject}${round}`),
    ['a1', 'b1', 'b2', 'a2', 'a3', 'b3'],
  );
});

t.test('each level has a process of its own, and so has each round where that is asked for', async (t) => {
  const notes: string[] = [];
  const levels = workload(notes, {
    subjects: ['a'],
    levels: [10, 20],
    lifetime: 'workload',
    prove: async () => {},
  });
  const { observations } = await run([subject('a', notes)], levels);
  t.same(
    notes.filter((note) => note.includes('starts')),
    ['a starts with 10', 'a starts with 20'],
  );
  t.same(
    observations.map(({ level }) => level),
    [10, 20, 10, 20],
  );
  notes.length = 0;
  await run([subject('a', notes)], workload(notes, { subjects: ['a'], lifetime: 'round' }));
  const one = ['a starts', 'a warms up', 'a works', 'a ends'];
  t.same(notes, [...one, ...one]);
});

t.test('a workload over a distance has processes of its own, which are told it', async (t) => {
  const notes: string[] = [];
  const far = workload(notes, { subjects: ['a'], lifetime: 'workload', roundTripMs: 20 });
  await runPlan({
    subjects: [subject('a', notes)],
    workloads: [far, workload(notes)],
    rounds: 1,
    onStep: () => {},
  });
  const work = ['a proves', 'a warms up', 'a works'];
  t.same(notes, ['a starts with 20', ...work, 'a ends', 'a starts', ...work, 'a ends']);
});

t.test('a subject that fails is left out and told, and the others go on', async (t) => {
  const notes: string[] = [];
  const broken = subject('a', notes, () => {
    throw new Error('Cannot start');
  });
  const { observations, faults } = await run([broken, subject('b', notes)], workload(notes));
  t.same(faults, [{ workload: 'Work', subject: 'a', message: 'proof and warm-up: Cannot start' }]);
  t.same(
    observations.map(({ subject }) => subject),
    ['b', 'b'],
  );
  const late = workload(notes, {
    round: async ({ way }) => {
      if (way.host === 'b') throw new Error('Cannot go on');
      return [{ readings: {} }];
    },
  });
  const second = await run([subject('a', notes), subject('b', notes)], late);
  t.same(second.faults, [{ workload: 'Work', subject: 'b', message: 'round 1: Cannot go on' }]);
  t.equal(second.observations.length, 2, 'it gets no second round');
});

t.test('Weir is measured by the examples, one tier and two', async (t) => {
  const work = setUp({ ...QUICK, tunnels: 100 });
  const { observations, faults } = await runPlan({
    subjects: [weir, weirTwoTier],
    workloads: [work],
    rounds: 1,
    onStep: () => {},
  });
  t.same(faults, []);
  t.equal(observations.length, 2);
  for (const { subject, readings } of observations) {
    t.ok((readings.cpu ?? 0) > 0, `processor time of ${subject}`);
    t.ok((readings.rss ?? 0) > 20e6, `memory of ${subject}`);
    t.ok((readings.throughput ?? 0) > 0, `throughput of ${subject}`);
    t.ok((readings.p99 ?? 0) >= (readings.p50 ?? 1), `latency of ${subject}`);
  }
});
