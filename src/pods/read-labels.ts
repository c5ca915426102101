/** Labels of a thing in a cluster, as far as they are kept. */
import { mapping } from './mapping.ts';

export interface ReadLabels {
  /** Names and values by turns, sorted by name: two things with the same labels have the same list. */
  readonly labels: readonly string[];
  /** Whether that is all of them. */
  readonly hasAllLabels: boolean;
}

/** What Kubernetes allows for one label; for all of them it has no bound but that of the whole object. */
const MAX_LABEL_NAME = 317;
const MAX_LABEL_VALUE = 63;
const MAX_LABELS = 64;

/** What is beyond the bounds is left out, and then nothing is known of labels that are not there. */
export function readLabels(value: unknown): ReadLabels {
  const all = Object.entries(mapping(value));
  const kept = all
    .filter(([name, text]) => name.length <= MAX_LABEL_NAME && isValue(text))
    .slice(0, MAX_LABELS)
    .sort(([a], [b]) => (a < b ? -1 : 1)) as [string, string][];
  return { labels: kept.flat(), hasAllLabels: kept.length === all.length };
}

function isValue(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_LABEL_VALUE;
}
