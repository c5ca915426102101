/** What is kept of a namespace: its labels. It is told by its name, of which there is one at a time. */
import { mapping } from './mapping.ts';
import { type ReadLabels, readLabels } from './read-labels.ts';

/** Plain values, so that it can be sent to another process. */
export interface Namespace extends ReadLabels {
  readonly name: string;
}

/** A namespace as it is now, or the name of one of which nothing is known. */
export type NamespaceChange = Namespace | string;

const MAX_NAME = 63;

/** Undefined where not even its name can be read. Pods of one that is being deleted are still there, and so are its labels. */
export function readNamespace(value: unknown): NamespaceChange | undefined {
  const name = nameOf(value);
  return name === undefined ? undefined : { name, ...readLabels(mapping(mapping(value).metadata).labels) };
}

/** Of a thing that the API server tells of. */
export function nameOf(value: unknown): string | undefined {
  const { name } = mapping(mapping(value).metadata);
  return typeof name === 'string' && name !== '' && name.length <= MAX_NAME ? name : undefined;
}
