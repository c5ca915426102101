/** How large the head of a message may be, whoever sends it and whoever reads it; what is beyond is refused, never cut. */
import type { RawHeaders } from './headers.ts';

/** Start line and fields together. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** Field lines. */
export const MAX_FIELDS = 200;

export function hasTooManyFields(headers: RawHeaders): boolean {
  return headers.length > 2 * MAX_FIELDS;
}
