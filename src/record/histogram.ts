/**
 * Histograms for the hot path that prom-client renders: an array of counts each, against the 420 to 910 ns that an
 * observation costs there.
 */
import type { Metric, Registry } from 'prom-client';

export interface HistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending; the last bucket has none. */
  readonly bounds: readonly number[];
}

/** Counts observations in fixed buckets. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index += 1;
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#sum += value;
  }

  /** Samples as Prometheus wants them: cumulative buckets, sum and count. */
  samples(name: string, labels: Readonly<Record<string, string>>): Sample[] {
    let count = 0;
    const buckets = [...this.#counts].map((inBucket, index) => {
      count += inBucket;
      const le = this.#bounds[index] ?? '+Inf';
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Registers a histogram without labels. */
export function histogram(registry: Registry, options: HistogramOptions): Histogram {
  const only = new Histogram(options.bounds);
  register(registry, options, () => only.samples(options.name, {}));
  return only;
}

/** Registers a histogram with one label, whose values are all known. */
export function histogramsBy<Value extends string>(
  registry: Registry,
  options: HistogramOptions & { readonly label: string; readonly values: readonly Value[] },
): Readonly<Record<Value, Histogram>> {
  const { name, label, values, bounds } = options;
  const children = values.map((value) => [value, new Histogram(bounds)] as const);
  register(registry, options, () =>
    children.flatMap(([value, child]) => child.samples(name, { [label]: value })),
  );
  return Object.fromEntries(children) as Record<Value, Histogram>;
}

/** The registry asks a metric for its name and its samples and for nothing else; the type wants prom-client's classes. */
function register(
  registry: Registry,
  { name, help }: HistogramOptions,
  samples: () => readonly Sample[],
): void {
  const metric = {
    name,
    get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: samples() }),
  };
  registry.registerMetric(metric as unknown as Metric);
}
