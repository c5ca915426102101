/** What `forward` of the configuration comes to, decided once: which fields of a plain request leave, and which are told of it. */
import type { ForwardOptions } from '#config/config.ts';
import { FieldNames } from '#net/headers.ts';
import { TELLING_OF_INSIDE } from '#net/outward-fields.ts';

/** Written by us, whatever the client sent. */
export const WRITTEN_HERE = ['host', 'via'] as const;

const NOTHING = { names: [], prefixes: [] } as const;

export interface Outward {
  /** Fields of a client's request that do not leave. */
  readonly without: FieldNames;
  /** Whether origins are told which way it came. */
  readonly hasVia: boolean;
  /** Whether next hops are told who asks. */
  readonly tellsClient: boolean;
}

export function compileOutward({ via, forwarded, strip }: ForwardOptions): Outward {
  const { names, prefixes } = forwarded ? NOTHING : TELLING_OF_INSIDE;
  const without = new FieldNames([...WRITTEN_HERE, ...names, ...strip], prefixes);
  return { without, hasVia: via, tellsClient: forwarded };
}
