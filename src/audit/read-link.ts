/**
 * Reads a line of an audit trail back: its place in the chain, and whether it is what was hashed. Byte for byte: a line is text with one
 * character for each byte (latin1), so that no decoding hides a difference. A quote within a text is escaped, so that the name of a
 * member with its quotes occurs nowhere but as a member.
 */
import { hash as digest } from 'node:crypto';
import { printable } from './canonical.ts';
import type { Head } from './chain.ts';

const HASH = '"hash":"';
const PREV = '"prev":"';
const SEQ = '"seq":';
const EVENT = '"event":"';
const DIGEST_LENGTH = 64;
const DIGITS = /[1-9]\d{0,15}/y;

export interface ReadLink extends Head {
  readonly prev: string;
  /** What it is about; it stands before the hash. */
  readonly event: string;
  /** Whether the hash is that of the content. */
  readonly isIntact: boolean;
  /** The line without its hash, which that is made over. */
  readonly content: string;
}

/** Undefined where the line has no place in any chain. */
export function readLink(line: string): ReadLink | undefined {
  const at = line.indexOf(HASH);
  const from = at + HASH.length;
  const prevAt = line.indexOf(PREV, from);
  const seqAt = line.indexOf(SEQ, prevAt);
  if (at < 0 || prevAt < 0 || seqAt < 0 || !line.startsWith('{') || !line.endsWith('}')) return undefined;
  const seq = numberAt(line, seqAt + SEQ.length);
  if (seq === undefined) return undefined;
  const hash = line.slice(from, from + DIGEST_LENGTH);
  // Behind it the closing quote and a comma.
  const content = line.slice(0, at) + line.slice(from + DIGEST_LENGTH + 2);
  const prev = line.slice(prevAt + PREV.length, prevAt + PREV.length + DIGEST_LENGTH);
  const isWhole = line.startsWith('",', from + DIGEST_LENGTH);
  return { seq, hash, prev, content, event: eventIn(line), isIntact: isWhole && digestOf(content) === hash };
}

function eventIn(line: string): string {
  const from = line.indexOf(EVENT) + EVENT.length;
  return from < EVENT.length ? '' : line.slice(from, line.indexOf('"', from));
}

function digestOf(bytes: string): string {
  return digest('sha256', Buffer.from(bytes, 'latin1'), 'hex');
}

function numberAt(line: string, index: number): number | undefined {
  DIGITS.lastIndex = index;
  const [digits] = DIGITS.exec(line) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Members of a line that is intact, of those records that say more than where they stand. Who forges a record hashes what he likes: what
 * is no JSON has none, and texts can be shown.
 */
export function membersOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(line, 'latin1').toString(), (_, value) =>
      typeof value === 'string' ? printable(value) : value,
    );
  } catch {
    return {};
  }
}
