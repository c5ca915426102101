/**
 * What holds for every connection, whoever is at its other end: how large the head of a message may be (what is beyond is
 * refused, never cut), and how often a silent one shows that it lives.
 */
import type { RawHeaders } from './headers.ts';

/** TCP keepalive of what is silent for this long: cloud firewalls forget a connection after 10 minutes without a packet. */
export const KEEP_ALIVE_MS = 60_000;

/** Start line and fields together. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** Field lines. */
export const MAX_FIELDS = 200;

export function hasTooManyFields(headers: RawHeaders): boolean {
  return headers.length > 2 * MAX_FIELDS;
}
