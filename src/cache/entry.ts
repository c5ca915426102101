/** A kept answer: what the store holds, whole and immutable, with what is reckoned of its head once for all requests. */
import { isNamed, type RawHeaders } from '#net/headers.ts';
import type { BodyOnDisk } from './body-on-disk.ts';
import { answerDirectives, type Directives } from './directives.ts';
import { type Freshness, freshnessOf, type Moments } from './freshness.ts';
import { ReadyAnswer } from './ready-answers.ts';

/** Whose answer it is: requests of one partition may share it, others never. */
export interface EntryKey {
  /** Canonical absolute URL, with the query. */
  readonly url: string;
  /** Rule and route that let the request out. */
  readonly partition: string;
  /** Names that it varies by, and what the request said there. */
  readonly names: readonly string[];
  readonly selection: string;
}

export interface Entry extends EntryKey, Moments {
  readonly status: number;
  readonly phrase: string;
  /** Without what belongs to one hop or one exchange, and Age, which is reckoned; with Date. */
  readonly headers: RawHeaders;
  readonly body: Buffer | BodyOnDisk;
  readonly directives: Directives;
  readonly freshness: Freshness;
  /** What clients get of it. */
  readonly ready: ReadyAnswer;
}

/** One whose body is in memory. */
export interface HeldEntry extends Entry {
  readonly body: Buffer;
}

export function isHeld(entry: Entry): entry is HeldEntry {
  return Buffer.isBuffer(entry.body);
}

export type EntryFacts = Omit<Entry, 'directives' | 'freshness' | 'ready'>;

/** Reckons what follows from the head. Of its Age nothing else is kept. */
export function entryOf(facts: EntryFacts): Entry {
  const directives = answerDirectives(facts.headers);
  const freshness = freshnessOf({ ...facts, directives });
  const headers = facts.headers.filter((_, index) => !isNamed(facts.headers[index & ~1] as string, 'age'));
  return Object.freeze({ ...facts, headers, directives, freshness, ready: new ReadyAnswer() });
}

/** What an entry costs beside its text and its body, about. */
const OVERHEAD_BYTES = 1024;

/** Memory that it takes, about. */
export function sizeOf(entry: Entry): number {
  return wholeSizeOf(entry) - (isHeld(entry) ? 0 : entry.body.length);
}

/** With its body, wherever that is. Strings count twice, since they may hold two bytes a character. */
export function wholeSizeOf({ url, headers, selection, body }: Entry): number {
  const characters = headers.reduce((sum, { length }) => sum + length, url.length + selection.length);
  return OVERHEAD_BYTES + 2 * characters + body.length;
}
