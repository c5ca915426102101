/** Numbers for people: three digits, as more would be noise, with a unit that keeps them short. */
import type { Metric } from '../harness/reading.ts';
import type { Spread } from '../stats/spread.ts';

type Scale = readonly [limit: number, factor: number, unit: string];

const SECONDS: readonly Scale[] = [
  [1e-6, 1e9, 'ns'],
  [1e-3, 1e6, 'µs'],
  [1, 1e3, 'ms'],
  [Number.POSITIVE_INFINITY, 1, 's'],
];
const BYTES: readonly Scale[] = [
  [1e6, 1e-3, 'kB'],
  [1e9, 1e-6, 'MB'],
  [Number.POSITIVE_INFINITY, 1e-9, 'GB'],
];
const PARTS: readonly Scale[] = [[Number.POSITIVE_INFINITY, 100, '%']];
const RATES: readonly Scale[] = [
  [1e4, 1, ''],
  [Number.POSITIVE_INFINITY, 1e-3, 'k'],
];

const SCALES: Readonly<Record<Metric, readonly Scale[]>> = {
  cpu: SECONDS,
  throughput: RATES,
  p50: SECONDS,
  p90: SECONDS,
  p99: SECONDS,
  p999: SECONDS,
  max: SECONDS,
  rss: BYTES,
  rssPerTunnel: BYTES,
  decision: SECONDS,
  generatorShare: PARTS,
  originShare: PARTS,
};

/** Three digits of which the last may be noise. */
export function digits(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

function scaleFor(metric: Metric, value: number): Scale {
  return SCALES[metric].find(([limit]) => value < limit) ?? [0, 1, ''];
}

/** `184 µs`. */
export function told(metric: Metric, value: number): string {
  const [, factor, unit] = scaleFor(metric, value);
  return `${digits(value * factor)} ${unit}`.trimEnd();
}

/** `180 / 184 / 201 µs`: minimum, median, maximum, in the unit that suits the median. */
export function toldSpread(metric: Metric, { min, median, max }: Spread): string {
  const [, factor, unit] = scaleFor(metric, median);
  return `${[min, median, max].map((value) => digits(value * factor)).join(' / ')} ${unit}`.trimEnd();
}

/** `10,000`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
