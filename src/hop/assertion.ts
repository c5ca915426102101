/**
 * What an assertion is made of (`Weir-Identity`, a compact JWS of RFC 7515): who a client is, by the word of the hop that it came to, for
 * one request to one peer. Bounds are such that whatever the configuration allows fits into one.
 */
import type { Identity } from '#match/subject.ts';

/** How long one may be used. */
export const LIFE_MS = 60_000;
/** By how much the clocks of two hops may differ. */
export const SKEW_MS = 30_000;
/** Of the whole field. */
export const MAX_LENGTH = 8192;
/** Of the names of all labels that are told, with room for their values. */
export const MAX_LABEL_BYTES = 4096;
/** The longest value that a label can have, and what JSON puts around it and its name. */
export const LABEL_VALUE_BYTES = 63 + 6;
/** Bytes of the id that no two assertions share. */
export const JTI_BYTES = 16;
/** The same in Base64. */
export const JTI_LENGTH = 22;

/** What it is bound to. */
export interface Bound {
  /** Host and port that are asked for. */
  readonly target: string;
  /** Id of the transaction, the same at all hops. */
  readonly transaction: string;
  /** In milliseconds since the epoch. */
  readonly nowMs: number;
}

/** What it says. */
export interface Assertion {
  /** Of the client, at the first hop. */
  readonly address: string;
  /** Undefined: that hop does not know. */
  readonly identity: Identity | undefined;
}

/** Who the client is, in the order in which it is written. */
export interface Claims {
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  readonly uid?: string | undefined;
  readonly service_account?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** The first part of every assertion under a key, to the letter: nothing else is read as one. */
export function headerOf(kid: string): string {
  return Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'weir-identity', kid })).toString('base64url');
}
