/** What every plot is, and what they share. */
import { spreadOf } from '../../stats/spread.ts';
import type { Point, Series } from '../lines.ts';
import { type Query, type Results, type Told, valuesOf } from '../results.ts';
import type { Ink, Mark } from '../svg.ts';

export interface Plot {
  /** Name of its file, without the ending. */
  readonly name: string;
  /** What it shows, for who cannot see it. */
  readonly caption: string;
  readonly svg: string;
}

/** Weir and Squid have colours of their own; all others share one. */
function inkOf(subject: string): Ink {
  if (subject.startsWith('weir')) return 'weir';
  return subject.startsWith('squid') ? 'squid' : 'other';
}

/** Of those that share a colour and meet in one plot each has its own. */
const MARKS: Readonly<Record<string, Mark>> = {
  squid: 'square',
  'squid-two-tier': 'square',
  direct: 'triangle',
  relay: 'triangle',
  tinyproxy: 'diamond',
  'traffic-server': 'wedge',
};

/** How `subject` looks in every plot. */
export function lookOf({ name, title }: Told): Pick<Series, 'label' | 'ink' | 'mark'> {
  return { label: title, ink: inkOf(name), mark: MARKS[name] ?? 'circle' };
}

/** The rounds of one measurement as a point of a line; none where it was not made. */
export function pointsAt(at: number, results: Results, query: Query): readonly Point[] {
  const values = valuesOf(results, query);
  if (values.length === 0) return [];
  const { min, median: value, max } = spreadOf(values);
  return [{ at, value, min, max }];
}
