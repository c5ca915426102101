/** Latency by percentile, which says more of the slow end than any mean. */
import type { Metric } from '../../harness/reading.ts';
import { lineChart, type Series } from '../lines.ts';
import type { Results } from '../results.ts';
import { told } from '../units.ts';
import { lookOf, type Plot, pointsAt } from './plot.ts';

const SUBJECTS = ['direct', 'weir-two-tier', 'squid-two-tier'];
const PERCENTILES: readonly (readonly [metric: Metric, label: string])[] = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p999', 'p99.9'],
];

function seriesOf(results: Results): readonly Series[] {
  return results.subjects
    .filter(({ name }) => SUBJECTS.includes(name))
    .map((told) => ({
      ...lookOf(told),
      points: PERCENTILES.flatMap(([metric], at) =>
        pointsAt(at, results, { workload: 'latency', subject: told.name, metric }),
      ),
    }))
    .filter(({ points }) => points.length > 0);
}

export function latencyPlots(results: Results): readonly Plot[] {
  const series = seriesOf(results);
  if (series.length === 0) return [];
  const caption = 'Latency of a tunnel set-up through two tiers, at 200 per second';
  const svg = lineChart({
    title: caption,
    subtitle: `from connect to the last byte of the echo; median of ${results.rounds} rounds, whisker from least to largest; logarithmic upright axis`,
    series,
    across: (at) => at / (PERCENTILES.length - 1),
    place: (at) => PERCENTILES[at]?.[1] ?? '',
    acrossLabel: 'percentile of the tunnels',
    axis: (value) => told('p50', value),
    isLogarithmic: true,
  });
  return [{ name: 'latency', caption, svg }];
}
