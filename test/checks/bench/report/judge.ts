/** The contract: what is reached, what is missed, what a run was to measure, and whether it did what it was for. */
import t from 'tap';
import type { Metric, Observation } from '../../../../bench/harness/reading.ts';
import { type Judged, judge } from '../../../../bench/report/judge.ts';
import type { Results } from '../../../../bench/report/results.ts';
import { closingLine, failuresOf } from '../../../../bench/report/verdict.ts';
import { benchRun } from '../../../fixtures/bench-run.ts';

/** Rounds in which `metric` was each of `values`. */
function rounds(
  workload: string,
  subject: string,
  told: readonly [metric: Metric, level: number | undefined, ...values: number[]],
): Observation[] {
  const [metric, level, ...values] = told;
  return values.map((value, index) => ({
    workload,
    subject,
    round: index + 1,
    ...(level === undefined ? {} : { level }),
    readings: { [metric]: value },
  }));
}

const rowOf = (judged: readonly Judged[], title: string): Judged | undefined =>
  judged.find(({ row }) => row.title.startsWith(title));

const SET_UP = 'CPU per tunnel set up ÷ Squid';

const setUp = (weir: readonly number[]): Observation[] => [
  ...rounds('set-up', 'weir', ['cpu', undefined, ...weir]),
  ...rounds('set-up', 'squid', ['cpu', undefined, 200e-6, 200e-6, 250e-6]),
];

/** A run of set-ups alone, which is what was asked for. */
const setUpRun = (observations: readonly Observation[], rest: Parameters<typeof benchRun>[1] = {}): Results =>
  benchRun(observations, { workloads: ['set-up'], subjects: ['weir', 'squid'], ...rest });

t.test('a ratio is that of the medians, and its range that of the rounds', async (t) => {
  const row = rowOf(judge(setUpRun(setUp([110e-6, 150e-6, 150e-6]))), SET_UP);
  t.equal(row?.standing, 'must');
  t.ok(Math.abs((row?.value?.median ?? 0) - 0.75) < 1e-9);
  t.ok(Math.abs((row?.value?.min ?? 0) - 0.55) < 1e-9);
  t.ok(Math.abs((row?.value?.max ?? 0) - 0.75) < 1e-9);
});

t.test('a workload of several laps has to have them all', async (t) => {
  const run = setUpRun(setUp([110e-6, 150e-6, 150e-6]), { rounds: 1 });
  const inLaps = (laps: number): Results => ({
    ...run,
    workloads: run.workloads.map((workload) => ({ ...workload, laps })),
  });
  t.equal(rowOf(judge(inLaps(3)), SET_UP)?.standing, 'must');
  t.equal(rowOf(judge(inLaps(4)), SET_UP)?.standing, 'not measured');
});

t.test('rounds are paired by their number, in whatever order they came', async (t) => {
  const run = setUpRun(setUp([110e-6, 150e-6, 150e-6]));
  const mixed = { ...run, observations: run.observations.toSorted((a, b) => b.round - a.round) };
  t.same(judge(mixed), judge(run));
  const turned = run.observations.map((each) =>
    each.subject === 'weir' ? { ...each, round: 4 - each.round } : each,
  );
  const least = rowOf(judge({ ...run, observations: turned }), SET_UP)?.value?.min ?? 0;
  t.ok(Math.abs(least - 110 / 250) < 1e-9, 'the third round of one beside the third of the other');
});

t.test('what lacks a round is not measured, and neither is a ratio to nothing', async (t) => {
  const whole = setUp([110e-6, 150e-6, 150e-6]);
  for (const subject of ['weir', 'squid']) {
    for (const round of [1, 2, 3]) {
      const run = setUpRun(whole.filter((each) => each.subject !== subject || each.round !== round));
      t.match(
        rowOf(judge(run), SET_UP),
        { value: undefined, standing: 'not measured' },
        `${subject} ${round}`,
      );
    }
  }
  const free = whole.map((each) => (each.subject === 'squid' ? { ...each, readings: { cpu: 0 } } : each));
  t.equal(rowOf(judge(setUpRun(free)), SET_UP)?.standing, 'not measured');
});

t.test('must, aim and missed', async (t) => {
  const standings: Readonly<Record<string, readonly number[]>> = {
    aim: [100e-6, 110e-6, 120e-6],
    must: [150e-6, 150e-6, 160e-6],
    missed: [170e-6, 170e-6, 170e-6],
  };
  for (const [standing, weir] of Object.entries(standings)) {
    const run = setUpRun(setUp(weir));
    t.equal(rowOf(judge(run), SET_UP)?.standing, standing);
    t.equal(failuresOf(run).length === 0, standing !== 'missed', 'whether the run keeps what is promised');
  }
});

t.test('rows about a value, and about two levels of one sweep', async (t) => {
  const run = benchRun([
    ...rounds('idle', 'weir', ['rssPerTunnel', 8000, 7000, 13_000, 9000]),
    ...rounds('decision', 'weir', ['decision', 100_000, 2.5e-6, 2.5e-6, 2.5e-6]),
    ...rounds('decision', 'weir', ['decision', 10, 0.1e-6, 0.1e-6, 0.1e-6]),
    ...rounds('open-tunnels', 'weir', ['cpu', 100, 100e-6, 100e-6, 100e-6]),
    ...rounds('open-tunnels', 'weir', ['cpu', 8000, 110e-6, 110e-6, 110e-6]),
  ]);
  const judged = judge(run);
  t.match(rowOf(judged, 'Memory per idle tunnel'), {
    value: { median: 9, min: 7, max: 13 },
    standing: 'must',
  });
  t.match(rowOf(judged, 'Decision'), { value: { median: 2.5 }, standing: 'missed' });
  t.match(rowOf(judged, 'CPU per tunnel set up, 8,000 open'), { standing: 'must' });
  t.ok(failuresOf(run).length > 0);
});

t.test('of a part only what was chosen is judged, of a whole run everything', async (t) => {
  const kept = setUp([110e-6, 150e-6, 150e-6]);
  t.same(
    judge(setUpRun(kept)).map(({ row }) => row.title),
    [SET_UP],
  );
  t.same(failuresOf(setUpRun(kept)), []);
  t.match(closingLine(setUpRun(kept)), /^Exit status 0: 1 promise was judged, and none is missed$/);
  const whole = benchRun(kept);
  t.ok(judge(whole).length > 15, 'the contract has its rows');
  t.match(closingLine(whole), /^Exit status 1: 22 promises not measured \(CPU per GB down, /);
});

t.test('without Squid, what is promised beside it is not measured, and the run fails', async (t) => {
  const run = setUpRun(rounds('set-up', 'weir', ['cpu', undefined, 1e-4, 1e-4, 1e-4]), {
    subjects: ['weir'],
    missing: { squid: 'squid is not installed' },
  });
  t.equal(rowOf(judge(run), SET_UP)?.standing, 'not measured');
  t.equal(closingLine(run), `Exit status 1: 1 promise not measured (${SET_UP})`);
});

t.test('the last line names what was missed, what failed, and a run about nothing', async (t) => {
  const missed = setUpRun(setUp([170e-6, 170e-6, 170e-6]), {
    faults: [{ workload: 'Work', subject: 'relay', message: 'gone' }],
  });
  t.equal(closingLine(missed), `Exit status 1: 1 promise missed (${SET_UP}), 1 measurement failed`);
  const unpromised = benchRun(rounds('mixed', 'weir', ['cpu', undefined, 1, 1, 1]), { workloads: ['mixed'] });
  t.match(closingLine(unpromised), /^Exit status 1: nothing was judged, /);
});

t.test('a quick run is about whether everything runs, and judges no promise', async (t) => {
  const run = setUpRun(setUp([170e-6, 170e-6, 170e-6]), { isQuick: true });
  t.same(failuresOf(run), []);
  t.match(closingLine(run), /^Exit status 0: /);
  const faults = [{ workload: 'Work', subject: 'weir', message: 'gone' }];
  t.same(failuresOf({ ...run, faults }), ['1 measurement failed']);
  t.same(failuresOf({ ...run, observations: [] }), ['nothing was measured']);
});
