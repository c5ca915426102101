/** Recorded series: what several alerts and dashboards ask for, worked out once. */
import type { Recording } from './alert.ts';
import { OWN, part, REFUSED, rate, rateOrNone, TARGETS } from './expressions.ts';

/** Windows of the objective: the short one says that it is still so, the long one that it matters. */
export const WINDOWS = ['5m', '30m', '1h', '6h'] as const;

export const RATIOS: readonly Recording[] = [
  { record: 'weir:requests:rate5m', expr: rate('', '5m') },
  { record: 'weir:refusals:rate5m', expr: rateOrNone(REFUSED, '5m') },
  { record: 'weir:target_failures:ratio_rate5m', expr: part(TARGETS, '5m') },
  ...WINDOWS.map((window) => ({
    record: `weir:own_failures:ratio_rate${window}`,
    expr: part(OWN, window),
  })),
];
