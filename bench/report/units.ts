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
const MULTIPLES: readonly Scale[] = [[Number.POSITIVE_INFINITY, 1, '']];
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
  opened: SECONDS,
  echoed: SECONDS,
  openedTrips: MULTIPLES,
  echoedTrips: MULTIPLES,
  decision: SECONDS,
  generatorShare: PARTS,
  originShare: PARTS,
};

/** Three digits of which the last may be noise. */
export function digits(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** Finer than this no measurement is. */
const MOST_DECIMALS = 9;

/**
 * The same beside limits that `value` is judged by: with as many more digits as it takes not to look as if it were within one that it
 * is above.
 */
export function digitsBeside(value: number, limits: readonly number[]): string {
  const isMistaken = (shown: string): boolean =>
    limits.some((limit) => value > limit && Number(shown) <= limit);
  let shown = digits(value);
  const [, decimals = ''] = shown.split('.');
  for (let more = decimals.length + 1; isMistaken(shown) && more <= MOST_DECIMALS; more += 1) {
    shown = value.toFixed(more);
  }
  return shown;
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
