/**
 * What an alert is, before it becomes a rule of Prometheus: expression, patience, words, and the scenes by which promtool proves when it
 * fires and when it stays quiet. The tables of alerts/ are made of these; render-rules.ts and scene-tests.ts read them.
 */

/** Who is woken: `critical` at night, `warning` in office hours, `info` nobody; `none` is for a machine that waits for it. */
export type Severity = 'critical' | 'warning' | 'info' | 'none';

/** Series as promtool writes their values (`0+60x10`), a sample a minute, and what is to be seen of the alert. */
export interface Scene {
  /** Why this is one to try; a sentence. */
  readonly title: string;
  /** Values by series. */
  readonly series: Readonly<Record<string, string>>;
  /** By time: the labels with which it fires, several where it does so more than once, or `quiet`. */
  readonly sees: Readonly<Record<string, 'quiet' | Labels | readonly Labels[]>>;
}

export type Labels = Readonly<Record<string, string>>;

export interface Alert {
  readonly name: `Weir${string}`;
  readonly severity: Severity;
  readonly expr: string;
  /** How long the expression has to hold. @default it fires at once */
  readonly for?: string;
  /** Labels beside severity, for routes and inhibition. */
  readonly labels?: Labels;
  /** One line, with `{{ $labels… }}`. */
  readonly summary: string;
  readonly description: string;
  /** At least one that fires and one that stays quiet. */
  readonly scenes: readonly Scene[];
}

export interface Recording {
  readonly record: string;
  readonly expr: string;
}

export interface Group {
  readonly name: string;
  readonly rules: readonly (Alert | Recording)[];
}

export function isAlert(rule: Alert | Recording): rule is Alert {
  return 'name' in rule;
}
