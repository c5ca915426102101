/** What an answer tells of the cache that was not asked for it: one of two fields, made once for a hop. */
import { renderCacheStatus } from '#cache/cache-status.ts';
import type { RawHeaders } from '#net/headers.ts';

/** Give the field, by why the cache is passed by. */
export interface PastFields {
  readonly method: () => RawHeaders;
  readonly bypass: () => RawHeaders;
}

export function pastFields(hop: string): PastFields {
  const giving = (forwarded: keyof PastFields): (() => RawHeaders) => {
    const field = ['Cache-Status', renderCacheStatus({ hop, forwarded })];
    return () => field;
  };
  return { method: giving('method'), bypass: giving('bypass') };
}
