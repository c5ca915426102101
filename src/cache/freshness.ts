/** How long an answer is fresh, and how old it is (RFC 9111 section 4.2), as a shared cache reckons it. All in milliseconds. */
import { type RawHeaders, valuesOf } from '#net/headers.ts';
import type { Directives } from './directives.ts';
import { parseHttpDate } from './http-date.ts';

/** When an answer was asked for, and when its head came. */
export interface Moments {
  readonly requestMs: number;
  readonly answerMs: number;
}

export interface AnswerFacts extends Moments {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly directives: Directives;
}

export interface Freshness {
  readonly lifetimeMs: number;
  /** The lifetime is a guess of ours, since nobody says one. */
  readonly isGuessed: boolean;
  /** When it would have been 0 old. */
  readonly bornMs: number;
}

/** What may be guessed of where nobody says a lifetime (RFC 9110 section 15.1), without 206, which is not kept. */
const GUESSABLE: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);
/** Of the time since it was last modified (RFC 9111 section 4.2.2). */
const GUESSED_PART = 0.1;
const MAX_GUESS_MS = 24 * 3_600_000;

export function mayGuess({ status, directives }: Pick<AnswerFacts, 'status' | 'directives'>): boolean {
  return GUESSABLE.has(status) || directives.has('public');
}

export function freshnessOf(answer: AnswerFacts): Freshness {
  const dateMs = dateOf(answer.headers, 'date', answer.answerMs) ?? answer.answerMs;
  const saidMs = saidLifetime(answer, dateMs);
  return {
    lifetimeMs: saidMs ?? guess(answer, dateMs),
    isGuessed: saidMs === undefined,
    bornMs: answer.answerMs - initialAge(answer, dateMs),
  };
}

/** How old it is at `nowMs`. A clock that was put back makes nothing younger than new. */
export function ageOf({ bornMs }: Freshness, nowMs: number): number {
  return Math.max(0, nowMs - bornMs);
}

/** The first value counts; what is no date is undefined, and so is what is missing. */
export function dateOf(headers: RawHeaders, name: string, nowMs: number): number | undefined {
  const [text] = valuesOf(headers, name);
  return text === undefined ? undefined : parseHttpDate(text.trim(), nowMs);
}

/** Section 4.2.1. An Expires that is no date, such as 0, is past (section 5.3). */
function saidLifetime({ headers, directives, answerMs }: AnswerFacts, dateMs: number): number | undefined {
  const seconds = directives.seconds('s-maxage') ?? directives.seconds('max-age');
  if (seconds !== undefined) return seconds * 1000;
  if (valuesOf(headers, 'expires').length === 0) return undefined;
  const expiresMs = dateOf(headers, 'expires', answerMs) ?? 0;
  return Math.max(0, expiresMs - dateMs);
}

function guess(answer: AnswerFacts, dateMs: number): number {
  const modifiedMs = dateOf(answer.headers, 'last-modified', answer.answerMs);
  if (modifiedMs === undefined || !mayGuess(answer)) return 0;
  return Math.min(MAX_GUESS_MS, Math.max(0, dateMs - modifiedMs) * GUESSED_PART);
}

/** Section 4.2.3: by the clocks of both ends, or by what caches before us say, whichever is more. */
function initialAge({ headers, requestMs, answerMs }: AnswerFacts, dateMs: number): number {
  const apparentMs = Math.max(0, answerMs - dateMs);
  return Math.max(apparentMs, saidAge(headers) * 1000 + answerMs - requestMs);
}

/** Of a list the first member; what is no number is ignored (section 5.1). */
function saidAge(headers: RawHeaders): number {
  const [text = ''] = valuesOf(headers, 'age');
  const [first = ''] = text.split(',');
  return /^\d+$/.test(first.trim()) ? Math.min(Number(first), 2 ** 31) : 0;
}
