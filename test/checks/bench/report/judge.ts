/** The contract: what is reached, what is missed, and that a run which judged nothing has kept nothing. */
import t from 'tap';
import type { Metric, Observation } from '../../../../bench/harness/reading.ts';
import { isKept, type Judged, judge } from '../../../../bench/report/judge.ts';

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

const setUp = (weir: readonly number[]): Observation[] => [
  ...rounds('set-up', 'weir', ['cpu', undefined, ...weir]),
  ...rounds('set-up', 'squid', ['cpu', undefined, 200e-6, 200e-6, 250e-6]),
];

t.test('a ratio is that of the medians, and its range that of the rounds', async (t) => {
  const judged = judge({ observations: setUp([110e-6, 150e-6, 150e-6]) });
  const row = rowOf(judged, 'CPU per tunnel set up ÷ Squid');
  t.equal(row?.standing, 'must');
  t.ok(Math.abs((row?.value?.median ?? 0) - 0.75) < 1e-9);
  t.ok(Math.abs((row?.value?.min ?? 0) - 0.55) < 1e-9);
  t.ok(Math.abs((row?.value?.max ?? 0) - 0.75) < 1e-9);
});

t.test('must, aim and missed', async (t) => {
  const standings: Readonly<Record<string, readonly number[]>> = {
    aim: [100e-6, 110e-6, 120e-6],
    must: [150e-6, 150e-6, 160e-6],
    missed: [170e-6, 170e-6, 170e-6],
  };
  for (const [standing, weir] of Object.entries(standings)) {
    const judged = judge({ observations: setUp(weir) });
    t.equal(rowOf(judged, 'CPU per tunnel set up ÷ Squid')?.standing, standing);
    t.equal(isKept(judged), standing !== 'missed', 'whether the run keeps what is promised');
  }
});

t.test('rows about a value, and about two levels of one sweep', async (t) => {
  const judged = judge({
    observations: [
      ...rounds('idle', 'weir', ['rssPerTunnel', 8000, 7000, 13_000, 9000]),
      ...rounds('decision', 'weir', ['decision', 100_000, 2.5e-6]),
      ...rounds('decision', 'weir', ['decision', 10, 0.1e-6]),
      ...rounds('open-tunnels', 'weir', ['cpu', 100, 100e-6]),
      ...rounds('open-tunnels', 'weir', ['cpu', 8000, 110e-6]),
    ],
  });
  t.match(rowOf(judged, 'Memory per idle tunnel'), {
    value: { median: 9, min: 7, max: 13 },
    standing: 'must',
  });
  t.match(rowOf(judged, 'Decision'), { value: { median: 2.5 }, standing: 'missed' });
  t.match(rowOf(judged, 'CPU per tunnel set up, 8,000 open'), { standing: 'must' });
  t.equal(isKept(judged), false);
});

t.test('what was not measured is not judged, and a run without any row keeps nothing', async (t) => {
  const judged = judge({ observations: rounds('set-up', 'weir', ['cpu', undefined, 100e-6]) });
  t.ok(judged.length > 15, 'the contract has its rows');
  for (const { row, standing } of judged) t.equal(standing, 'not measured', row.title);
  t.equal(isKept(judged), false);
});
