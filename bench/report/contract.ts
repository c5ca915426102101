/**
 * What Weir has promised of its speed: every row with the measurement that shows it, what must be reached, and what is aimed at.
 * A ratio is that of the medians of two measurements in the same run.
 */
import type { Metric } from '../harness/reading.ts';
import type { Query } from './results.ts';

export interface Row {
  readonly title: string;
  readonly measured: Query;
  /** What it is divided by; without it the row is about the value itself, in `unit`. */
  readonly base?: Query;
  readonly unit: Unit;
  readonly must: number;
  readonly aim: number;
}

/** How a value is told: as a multiple, in 1000 bytes, or in millionths of a second. */
export type Unit = 'ratio' | 'kB' | 'µs';

const BULK = ['download-1', 'download-16', 'upload-1', 'upload-16'];
const HTTP = ['get-1k', 'get-64k', 'post-4k'];
const HITS = ['hit-1k', 'hit-64k'];

const TITLES: Readonly<Record<string, string>> = {
  'set-up': 'CPU per tunnel set up',
  'download-1': 'CPU per GB down, 1 tunnel',
  'download-16': 'CPU per GB down, 16 tunnels',
  'upload-1': 'CPU per GB up, 1 tunnel',
  'upload-16': 'CPU per GB up, 16 tunnels',
  'get-1k': 'CPU per GET of 1 kB',
  'get-64k': 'CPU per GET of 64 kB',
  'post-4k': 'CPU per POST of 4 kB',
  'hit-1k': 'CPU per cache hit of 1 kB',
  'hit-64k': 'CPU per cache hit of 64 kB',
};

/** One tier against one Squid. */
function oneTier(workload: string, must: number, aim: number): Row {
  const measured: Query = { workload, subject: 'weir', metric: 'cpu' };
  const title = `${TITLES[workload]} ÷ Squid`;
  return { title, measured, base: { ...measured, subject: 'squid' }, unit: 'ratio', must, aim };
}

/** A cache in memory against Squid's. */
function cached(workload: string): Row {
  const measured: Query = { workload, subject: 'weir-cache', metric: 'cpu' };
  const title = `${TITLES[workload]} ÷ Squid`;
  return {
    title,
    measured,
    base: { ...measured, subject: 'squid-cache' },
    unit: 'ratio',
    must: 0.6,
    aim: 0.5,
  };
}

/** Both tiers against two Squids. */
function twoTiers(workload: string): Row {
  const measured: Query = { workload, subject: 'weir-two-tier', metric: 'cpu' };
  const title = `${TITLES[workload]}, two tiers ÷ Squid's`;
  return {
    title,
    measured,
    base: { ...measured, subject: 'squid-two-tier' },
    unit: 'ratio',
    must: 0.8,
    aim: 0.6,
  };
}

function latency(metric: Metric, title: string): Row {
  const measured: Query = { workload: 'latency', subject: 'weir-two-tier', metric };
  return {
    title: `Set-up latency ${title}, two tiers, 200/s ÷ Squid's`,
    measured,
    base: { ...measured, subject: 'squid-two-tier' },
    unit: 'ratio',
    must: 1.2,
    aim: 0.8,
  };
}

export const CONTRACT: readonly Row[] = [
  oneTier('set-up', 0.8, 0.6),
  ...BULK.map((workload) => oneTier(workload, 0.75, 0.6)),
  ...HTTP.map((workload) => oneTier(workload, 0.75, 0.55)),
  ...HITS.map(cached),
  ...['set-up', ...BULK, ...HTTP].map(twoTiers),
  {
    title: 'Memory per idle tunnel, 8,000 open',
    measured: { workload: 'idle', subject: 'weir', metric: 'rssPerTunnel', level: 8000 },
    unit: 'kB',
    must: 12,
    aim: 8,
  },
  latency('p50', 'p50'),
  latency('p99', 'p99'),
  {
    title: 'Decision, 100,000 domains and 10,000 networks',
    measured: { workload: 'decision', subject: 'weir', metric: 'decision', level: 100_000 },
    unit: 'µs',
    must: 2,
    aim: 0.5,
  },
  {
    title: 'CPU per tunnel set up, 8,000 open ÷ 100 open',
    measured: { workload: 'open-tunnels', subject: 'weir', metric: 'cpu', level: 8000 },
    base: { workload: 'open-tunnels', subject: 'weir', metric: 'cpu', level: 100 },
    unit: 'ratio',
    must: 1.2,
    aim: 1,
  },
];
