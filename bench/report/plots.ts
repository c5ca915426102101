/** The plots of a run. Each is left out where what it shows was not measured. */
import type { Metric } from '../harness/reading.ts';
import { median, spreadOf } from '../stats/spread.ts';
import { type Bar, barChart } from './bars.ts';
import { lineChart, type Series } from './lines.ts';
import { levelsOf, type Query, type Results, valuesOf } from './results.ts';
import type { Ink } from './svg.ts';
import { count, digits, told } from './units.ts';

export interface Plot {
  /** Name of its file, without the ending. */
  readonly name: string;
  /** What it shows, for who cannot see it. */
  readonly caption: string;
  readonly svg: string;
}

const inkOf = (subject: string): Ink =>
  subject.startsWith('weir') ? 'weir' : subject.startsWith('squid') ? 'squid' : 'other';

/** Costs of Weir as a multiple of Squid's, one bar for each kind of work. */
function ratios(results: Results, plot: RatioPlot): Plot | undefined {
  const groups = results.workloads.flatMap(({ name, title }) => {
    const ours = valuesOf(results, { workload: name, subject: plot.ours, metric: 'cpu' });
    const theirs = valuesOf(results, { workload: name, subject: plot.theirs, metric: 'cpu' });
    if (ours.length === 0 || theirs.length === 0) return [];
    const each = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
    const value = median(ours) / median(theirs);
    const bar: Bar = {
      label: '',
      ink: 'weir',
      value,
      min: Math.min(...each),
      max: Math.max(...each),
      told: `${digits(value)} ×`,
    };
    return [{ label: title, bars: [bar] }];
  });
  if (groups.length === 0) return undefined;
  const subtitle = `${plot.subtitle}; bar: ratio of the medians of ${results.rounds} rounds, whisker: from the least ratio of a round to the largest`;
  const svg = barChart({
    title: plot.caption,
    subtitle,
    groups,
    mark: { value: 1, label: 'Squid' },
    axis: (value) => `${Number(value.toFixed(2))} ×`,
  });
  return { name: plot.name, caption: plot.caption, svg };
}

interface RatioPlot {
  readonly name: string;
  readonly caption: string;
  readonly subtitle: string;
  readonly ours: string;
  readonly theirs: string;
}

/** A line for each subject over the levels of a sweep. */
function growth(results: Results, plot: GrowthPlot): Plot | undefined {
  const levels = levelsOf(results, plot.workload).filter((level) => level !== undefined);
  const series = results.subjects.flatMap(({ name, title }): Series[] => {
    const points = levels.flatMap((level) => pointOf(results, { ...plot, subject: name, level }));
    return points.length === 0 ? [] : [{ label: title, ink: inkOf(name), points }];
  });
  if (series.length === 0) return undefined;
  const [least = 1, most = 10] = [levels[0], levels.at(-1)].map((level) => Math.log(level ?? 1));
  const { name, caption, subtitle, metric } = plot;
  const svg = lineChart({
    title: caption,
    subtitle,
    series,
    across: (at) => (Math.log(at) - least) / (most - least || 1),
    place: count,
    axis: (value) => (value === 0 ? '0' : told(metric, value)),
  });
  return { name, caption, svg };
}

interface GrowthPlot {
  readonly name: string;
  readonly caption: string;
  readonly subtitle: string;
  readonly workload: string;
  readonly metric: Metric;
}

function pointOf(results: Results, query: Query & { readonly level: number }) {
  const values = valuesOf(results, query);
  if (values.length === 0) return [];
  const { min, median: value, max } = spreadOf(values);
  return [{ at: query.level, value, min, max }];
}

const PERCENTILES: readonly (readonly [metric: Metric, label: string])[] = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p999', 'p99.9'],
];

/** Latency by percentile, which says more of the slow end than any mean. */
function latencies(results: Results): Plot | undefined {
  const series = results.subjects.flatMap(({ name, title }): Series[] => {
    const points = PERCENTILES.flatMap(([metric], at) =>
      pointOf(results, { workload: 'latency', subject: name, metric, level: undefined as never }).map(
        (point) => ({ ...point, at }),
      ),
    );
    return points.length === 0 ? [] : [{ label: title, ink: inkOf(name), points }];
  });
  if (series.length === 0) return undefined;
  const caption = 'Latency of a tunnel set-up at 200 per second';
  const svg = lineChart({
    title: caption,
    subtitle: `from connect to the last byte of the echo; median of ${results.rounds} rounds, band from the least to the largest`,
    series,
    across: (at) => at / (PERCENTILES.length - 1),
    place: (at) => PERCENTILES[at]?.[1] ?? '',
    axis: (value) => (value === 0 ? '0' : told('p50', value)),
  });
  return { name: 'latency', caption, svg };
}

/** Memory that a tunnel holds while nothing happens in it. */
function idleMemory(results: Results): Plot | undefined {
  const groups = results.subjects.flatMap(({ name, title }) => {
    const values = valuesOf(results, { workload: 'idle', subject: name, metric: 'rssPerTunnel' });
    if (values.length === 0) return [];
    const { min, median: value, max } = spreadOf(values);
    const bar: Bar = { label: '', ink: inkOf(name), value, min, max, told: told('rssPerTunnel', value) };
    return [{ label: title, bars: [bar] }];
  });
  if (groups.length === 0) return undefined;
  const caption = 'Memory of an idle tunnel';
  const subtitle =
    'growth of resident memory for each tunnel, in a fresh process; what the kernel holds for sockets is not in it';
  const svg = barChart({ title: caption, subtitle, groups, axis: (value) => `${value / 1000} kB` });
  return { name: 'idle-memory', caption, svg };
}

/** Every plot that this run has the numbers for. */
export function plotsOf(results: Results): readonly Plot[] {
  const all = [
    ratios(results, {
      name: 'cost-one-tier',
      caption: 'Processor time of Weir as a multiple of Squid’s, one tier',
      subtitle: 'less is better',
      ours: 'weir',
      theirs: 'squid',
    }),
    ratios(results, {
      name: 'cost-two-tiers',
      caption: 'Processor time of two tiers of Weir as a multiple of two Squids’',
      subtitle: 'less is better',
      ours: 'weir-two-tier',
      theirs: 'squid-two-tier',
    }),
    latencies(results),
    idleMemory(results),
    growth(results, {
      name: 'open-tunnels',
      caption: 'Processor time of one more tunnel, by how many are open',
      subtitle: 'CONNECT, 64 bytes there and back, close; the others are idle',
      workload: 'open-tunnels',
      metric: 'cpu',
    }),
    growth(results, {
      name: 'domains-cost',
      caption: 'Processor time of a tunnel, by domains in the policy',
      subtitle: 'CONNECT, 64 bytes there and back, close',
      workload: 'domains',
      metric: 'cpu',
    }),
    growth(results, {
      name: 'domains-memory',
      caption: 'Memory of the proxy, by domains in the policy',
      subtitle: 'resident memory after the tunnels of a round',
      workload: 'domains',
      metric: 'rss',
    }),
    growth(results, {
      name: 'decision',
      caption: 'Time of one decision, by domains in the policy',
      subtitle: 'three rules, 10,000 networks, without any traffic',
      workload: 'decision',
      metric: 'decision',
    }),
  ];
  return all.filter((plot) => plot !== undefined);
}
