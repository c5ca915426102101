/**
 * The chain: each record names the hash of the one before it (`prev`) and its own number (`seq`), and its `hash` is SHA-256 over its
 * canonical JSON without that member. Who changes a record changes its hash, and with it every record behind it.
 */
import { hash as digest } from 'node:crypto';
import type { Body } from './canonical.ts';

/** The last record of a chain, which the next one follows. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** Where a chain begins: the record before the first. */
export const BEGINNING: Head = Object.freeze({ seq: 0, hash: '0'.repeat(64) });

/** A record with its place. */
export interface Link {
  /** Without its newline. */
  readonly line: string;
  readonly head: Head;
}

/** The record that follows `head`. */
export function linkTo(head: Head, body: Body): Link {
  const [first, rest] = contentParts(head, body);
  const hash = digest('sha256', `{${first}${rest}}`, 'hex');
  return { line: `{${first}"hash":"${hash}",${rest}}`, head: { seq: head.seq + 1, hash } };
}

/** What the hash of the record that follows `head` is made over. */
export function contentOf(head: Head, body: Body): string {
  const [first, rest] = contentParts(head, body);
  return `{${first}${rest}}`;
}

/** Before the place of the hash, and behind it. */
function contentParts(head: Head, body: Body): [string, string] {
  const [first = '', second, third, fourth] = body.split('\n');
  return [first, `${second}"prev":"${head.hash}",${third}"seq":${head.seq + 1}${fourth}`];
}
