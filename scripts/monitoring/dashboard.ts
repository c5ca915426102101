/**
 * What a dashboard is, before it becomes JSON of Grafana. Every panel is drawn once for each tier, the two side by side, and asks for
 * one tier by `$tier`. render-dashboard.ts lays them out.
 */

/** As Grafana calls them. */
export type Unit =
  | 'short'
  | 'percentunit'
  | 's'
  | 'bps'
  | 'bytes'
  | 'reqps'
  | 'ops'
  | 'd'
  | 'bool_yes_no'
  | 'bool_on_off';

export interface Query {
  /** With `tier="$tier"` in each selector. */
  readonly expr: string;
  /** How a line is called: `{{label}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it tells, and when to worry; a sentence or two. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** One number rather than a line. @default a line */
  readonly shows?: 'number';
  /** What a tier has to have, or what has to have happened, for there to be data; shown in the place of it. */
  readonly needs?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
}

/** A selector of a metric of Weir in one tier. */
export function of(metric: string, matchers = ''): string {
  return `${metric}{${['job="weir"', 'tier="$tier"', matchers].filter((part) => part !== '').join(', ')}}`;
}

/** How often a second. */
export function perSecond(metric: string, matchers = ''): string {
  return `rate(${of(metric, matchers)}[$__rate_interval])`;
}

/** A quantile of a histogram, by its buckets' bound and what else is told apart. */
export function quantile(
  part: number,
  metric: string,
  options: { by?: string; matchers?: string } = {},
): string {
  const { by, matchers = '' } = options;
  const labels = by === undefined ? 'le' : `${by}, le`;
  return `histogram_quantile(${part}, sum by (${labels}) (${perSecond(`${metric}_bucket`, matchers)}))`;
}
