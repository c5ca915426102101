/** Sweeps: a line for each subject over what grows. */
import type { Metric } from '../../harness/reading.ts';
import { lineChart, type Series } from '../lines.ts';
import { levelsOf, type Results } from '../results.ts';
import { count, told } from '../units.ts';
import { lookOf, type Plot, pointsAt } from './plot.ts';

interface Sweep {
  readonly name: string;
  readonly caption: string;
  readonly subtitle: string;
  readonly workload: string;
  readonly metric: Metric;
}

const SWEEPS: readonly Sweep[] = [
  {
    name: 'idle-memory',
    caption: 'Memory of an idle tunnel, by how many are open',
    subtitle: 'growth of resident memory divided by their number, in a fresh process',
    workload: 'idle',
    metric: 'rssPerTunnel',
  },
  {
    name: 'open-tunnels',
    caption: 'Processor time of one more tunnel, by how many are open',
    subtitle: 'CONNECT, 64 bytes there and back, close; the others are idle',
    workload: 'open-tunnels',
    metric: 'cpu',
  },
  {
    name: 'domains-cost',
    caption: 'Processor time of a tunnel, by domains in the policy',
    subtitle: 'CONNECT, 64 bytes there and back, close',
    workload: 'domains',
    metric: 'cpu',
  },
  {
    name: 'domains-memory',
    caption: 'Memory of the proxy, by domains in the policy',
    subtitle: 'resident memory after the tunnels of a round',
    workload: 'domains',
    metric: 'rss',
  },
  {
    name: 'decision',
    caption: 'Time of one decision, by domains in the policy',
    subtitle: 'three rules, 10,000 networks, without any traffic',
    workload: 'decision',
    metric: 'decision',
  },
];

function seriesOf(
  results: Results,
  { workload, metric }: Sweep,
  levels: readonly number[],
): readonly Series[] {
  return results.subjects
    .map((told) => ({
      ...lookOf(told),
      points: levels.flatMap((level) =>
        pointsAt(level, results, { workload, subject: told.name, metric, level }),
      ),
    }))
    .filter(({ points }) => points.length > 0);
}

function sweepPlot(results: Results, sweep: Sweep): readonly Plot[] {
  const levels = levelsOf(results, sweep.workload).filter((level) => level !== undefined);
  const series = seriesOf(results, sweep, levels);
  if (series.length === 0) return [];
  const [least = 0, most = 0] = [levels[0], levels.at(-1)].map((level) => Math.log(level ?? 1));
  const { name, caption, subtitle, metric, workload } = sweep;
  const { levelName = 'level' } = results.workloads.find(({ name }) => name === workload) ?? {};
  const svg = lineChart({
    title: caption,
    subtitle: `${subtitle}; median of ${results.rounds} rounds, whisker from least to largest`,
    series,
    across: (at) => (Math.log(at) - least) / (most - least || 1),
    place: count,
    acrossLabel: `${levelName}, logarithmic`,
    axis: (value) => (value === 0 ? '0' : told(metric, value)),
  });
  return [{ name, caption, svg }];
}

export function growthPlots(results: Results): readonly Plot[] {
  return SWEEPS.flatMap((sweep) => sweepPlot(results, sweep));
}
