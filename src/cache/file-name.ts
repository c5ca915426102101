/**
 * Names of the files of kept answers, which tell by hashes what a file is for: `URL.WHOSE.SEAT`, and the names that the answer varies
 * by, where there are any. WHOSE is of origin, partition and selection, eight digits each. What the file says inside is what counts.
 */
import crypto from 'node:crypto';
import type { RawHeaders } from '#net/headers.ts';
import type { EntryKey } from './entry.ts';
import { selectionOf } from './vary.ts';

const URL_BYTES = 16;
const PART_BYTES = 4;
const PART_DIGITS = 2 * PART_BYTES;
const FORM = /^([0-9a-f]{32})\.([0-9a-f]{24}\.\d{1,3}(?:\.[!-.0-~]{1,120})?)$/;
/** Longer ones are kept in memory only. */
const MAX_NAMES_LENGTH = 120;

/** A name in two: what all answers of a URL share, and the rest. */
export interface FileName {
  readonly url: string;
  readonly rest: string;
}

/** Whose answer a file holds. */
export interface Whose {
  readonly origin: string;
  readonly partition: string;
  readonly selection: string;
  /** The process that wrote it, by its seat. */
  readonly seat: number;
  readonly names: readonly string[];
}

export function urlHash(url: string): string {
  return hash(url, URL_BYTES);
}

export function partHash(text: string): string {
  return hash(text, PART_BYTES);
}

/** Scheme and authority of a URL, or of what URLs begin with. */
export function originOf(url: string): string {
  const end = url.indexOf('/', url.indexOf('//') + 2);
  return end === -1 ? url : url.slice(0, end);
}

/** Whether an origin is told to its end. */
export function hasWholeOrigin(prefix: string): boolean {
  return originOf(prefix) !== prefix;
}

/** Undefined where it varies by more than a name can hold. */
export function fileNameOf(
  { url, partition, names, selection }: EntryKey,
  seat: number,
): FileName | undefined {
  const joined = names.join(',');
  if (joined.length > MAX_NAMES_LENGTH || joined.includes('/')) return undefined;
  const whose = [originOf(url), partition, selection].map(partHash).join('');
  const rest = `${whose}.${seat}`;
  return { url: urlHash(url), rest: names.length === 0 ? rest : `${rest}.${joined}` };
}

/** Undefined where it is none of ours. */
export function parseFileName(name: string): FileName | undefined {
  const [, url, rest] = FORM.exec(name) ?? [];
  return url === undefined || rest === undefined ? undefined : { url, rest };
}

export function whoseIs(rest: string): Whose {
  const [whose = '', seat, ...names] = rest.split('.');
  const part = (index: number): string => whose.slice(index * PART_DIGITS, (index + 1) * PART_DIGITS);
  const joined = names.join('.');
  return {
    origin: part(0),
    partition: part(1),
    selection: part(2),
    seat: Number(seat),
    names: joined === '' ? [] : joined.split(','),
  };
}

/** Whether two files are for the same requests, whoever wrote them. */
export function isForSame(a: string, b: string): boolean {
  return withoutSeat(a) === withoutSeat(b);
}

/** Whether such a request would have got what the file holds. */
export function isFor({ names, selection }: Whose, headers: RawHeaders): boolean {
  return partHash(selectionOf(names, headers)) === selection;
}

function withoutSeat(rest: string): string {
  return rest.replace(/\.\d+/, '');
}

function hash(text: string, bytes: number): string {
  return crypto.createHash('sha256').update(text).digest().toString('hex', 0, bytes);
}
