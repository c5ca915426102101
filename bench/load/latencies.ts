/** Latencies gathered in an HDR histogram with three significant digits, in tenths of a microsecond. */
import { build } from 'hdr-histogram-js';
import type { Latency } from './job.ts';

const PER_MS = 10_000;
const PER_SECOND = 1000 * PER_MS;

export class Latencies {
  readonly #histogram = build({ numberOfSignificantValueDigits: 3 });

  record(ms: number): void {
    this.#histogram.recordValue(Math.round(ms * PER_MS));
  }

  told(): Latency {
    const at = (percentile: number): number => this.#histogram.getValueAtPercentile(percentile) / PER_SECOND;
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) };
  }
}
