/**
 * What holds for every connection, whoever is at its other end: how large the head of a message may be (what is beyond is
 * refused, never cut), how often a silent one shows that it lives, and how long an idle one is kept.
 */
import type { RawHeaders } from './headers.ts';

/** TCP keepalive of what is silent for this long: cloud firewalls forget a connection after 10 minutes without a packet. */
export const KEEP_ALIVE_MS = 60_000;

/** Idle connections to a next hop are kept this long; less than what servers commonly do. */
export const IDLE_MS = 30_000;

/** Start line and fields together. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** A request target: less than a head, so that who is refused for it is told so. */
export const MAX_TARGET_BYTES = 32 * 1024;

/** Field lines. */
export const MAX_FIELDS = 200;

/** Both, in words: who is refused by one of them may come close to the other as well. */
export const HEAD_LIMITS = `${MAX_HEAD_BYTES / 1024} KiB and ${MAX_FIELDS} fields`;

/**
 * What is read of an answer: more than may come from an origin, since each hop of ours adds some six fields to it. Room for a chain
 * of five, so that none takes for nonsense what the one before it rightly passed on.
 */
export const MAX_ANSWER_HEAD_BYTES = MAX_HEAD_BYTES + 8 * 1024;
export const MAX_ANSWER_FIELDS = MAX_FIELDS + 32;

export function hasTooManyFields(headers: RawHeaders): boolean {
  return headers.length > 2 * MAX_FIELDS;
}

/** Whether the fields of an answer are more, or larger, than an origin may give. */
export function isBeyondOrigins(headers: RawHeaders): boolean {
  if (hasTooManyFields(headers)) return true;
  let bytes = 0;
  for (let i = 0; i < headers.length; i += 2)
    bytes += (headers[i] as string).length + (headers[i + 1] as string).length + 4;
  return bytes > MAX_HEAD_BYTES;
}
