/** Tells results: minimum, median and maximum of the rounds, in units a person can compare. */
import type { Measured } from './measure.ts';

const SCALES: readonly [limit: number, factor: number, unit: string][] = [
  [1e-3, 1e6, 'µs'],
  [1, 1e3, 'ms'],
  [Number.POSITIVE_INFINITY, 1, 's'],
];

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new Error('Cannot take the median of nothing');
  return (low + high) / 2;
}

/** Three digits, as more would be noise. */
const digits = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** `180 / 184 / 201 µs`: minimum, median, maximum. */
function spread(values: readonly number[]): string {
  if (values.length === 0) return '-';
  const middle = median(values);
  const [, factor, unit] = SCALES.find(([limit]) => middle < limit) ?? [0, 1, 's'];
  const told = [Math.min(...values), middle, Math.max(...values)].map((value) => digits(value * factor));
  return `${told.join(' / ')} ${unit}`;
}

/** Median of `values` as a multiple of that of `base`. */
function ratio(values: readonly number[], base: readonly number[]): string {
  return values.length === 0 || base.length === 0 ? '-' : `${(median(values) / median(base)).toFixed(2)}x`;
}

/** Prints one table per workload. Ratios are to the subject named `base`. */
export function printResults(results: readonly Measured[], base: string): void {
  for (const [workload, rows] of Map.groupBy(results, (result) => result.workload)) {
    const mark = rows.find(({ subject }) => subject === base);
    console.log(
      `\n${workload.name}, per ${workload.unit}; min / median / max of ${rows[0]?.wallSeconds.length} rounds`,
    );
    console.table(
      Object.fromEntries(
        rows.map(({ subject, cpuSeconds, wallSeconds }) => [
          subject,
          {
            'CPU of the proxy': spread(cpuSeconds),
            [`CPU to ${base}`]: ratio(cpuSeconds, mark?.cpuSeconds ?? []),
            time: spread(wallSeconds),
            [`time to ${base}`]: ratio(wallSeconds, mark?.wallSeconds ?? []),
          },
        ]),
      ),
    );
  }
}
