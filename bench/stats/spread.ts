/** Order statistics of the values that rounds gave. */

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The value below which the part `q` of `values` lies, between two of them in proportion. @throws for no values */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new Error('Cannot take a quantile of nothing');
  return low + (high - low) * (at - Math.floor(at));
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @throws for no values */
export function spreadOf(values: readonly number[]): Spread {
  return { min: quantile(values, 0), median: median(values), max: quantile(values, 1) };
}
