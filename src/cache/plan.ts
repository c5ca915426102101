/**
 * What becomes of a request for which there is a kept answer, or none: RFC 9111 sections 4, 4.2.4 and 5.2, and RFC 5861. Pure: the
 * clock is an argument.
 */
import type { Directives } from './directives.ts';
import type { Entry } from './entry.ts';
import { ageOf } from './freshness.ts';

/** Why the next hop is asked, in the words of Cache-Status (RFC 9211 section 2.2). */
export type Forwarding = 'uri-miss' | 'vary-miss' | 'request' | 'stale';

export type Plan =
  | { readonly act: 'serve'; readonly isStale: boolean; readonly refreshes: boolean }
  /** The next hop is asked; where `kept` is there, whether it is still good, and it is served when that fails and `mayServe` says so. */
  | {
      readonly act: 'ask';
      readonly why: Forwarding;
      readonly kept: Entry | undefined;
      readonly mayServe: MayServe;
    }
  /** Only what is here is wanted, and that is nothing. */
  | { readonly act: 'refuse' };

/** When the kept answer is good enough after all. */
export interface MayServe {
  /** The next hop answers that it fails. */
  readonly onError: boolean;
  /** There is no answer. */
  readonly onSilence: boolean;
}

/** The kept answer is good enough for nothing but to be confirmed. */
export const NEVER: MayServe = Object.freeze({ onError: false, onSilence: false });
const FRESH: Plan = Object.freeze({ act: 'serve', isStale: false, refreshes: false });
const STALE: Plan = Object.freeze({ act: 'serve', isStale: true, refreshes: false });
const STALE_FOR_NOW: Plan = Object.freeze({ act: 'serve', isStale: true, refreshes: true });
const REFUSE: Plan = Object.freeze({ act: 'refuse' });

/** How long over its time an answer may be used while its origin cannot be reached, where nobody forbids that (section 4.2.4). */
const MAX_SILENCE_MS = 24 * 3_600_000;
/** Any of these in an answer forbids that it is used over its time. */
export const STRICT = ['must-revalidate', 'proxy-revalidate', 's-maxage', 'no-cache'];

/** For a request for which nothing is kept; `hasOthers`: but for requests that say something else. */
export function planMiss(request: Directives, hasOthers: boolean): Plan {
  if (request.has('only-if-cached')) return REFUSE;
  return { act: 'ask', why: hasOthers ? 'vary-miss' : 'uri-miss', kept: undefined, mayServe: NEVER };
}

export function planFor(request: Directives, kept: Entry, nowMs: number): Plan {
  const { directives, freshness } = kept;
  const ageMs = ageOf(freshness, nowMs);
  const overMs = ageMs - freshness.lifetimeMs;
  const use = accepts(request, ageMs, overMs) ? useOf(request, directives, overMs) : undefined;
  if (use !== undefined) return use;
  if (request.has('only-if-cached')) return REFUSE;
  const mayServe = isStrict(directives) ? NEVER : whenFailing(request, directives, overMs);
  return { act: 'ask', why: overMs < 0 ? 'request' : 'stale', kept, mayServe };
}

/** How an answer is used without asking; undefined: not. */
function useOf(request: Directives, directives: Directives, overMs: number): Plan | undefined {
  if (directives.has('no-cache')) return undefined;
  if (overMs < 0) return FRESH;
  if (isStrict(directives)) return undefined;
  if (overMs <= tolerated(request)) return STALE;
  // Who says an age and no more wants nothing that is over its time (section 5.2.1.1).
  if (request.has('max-age')) return undefined;
  return overMs < span(directives, 'stale-while-revalidate') ? STALE_FOR_NOW : undefined;
}

function isStrict(answer: Directives): boolean {
  return STRICT.some((name) => answer.has(name));
}

/** Whether the request takes an answer of this age, and so long over its time (below 0: before it). */
function accepts(request: Directives, ageMs: number, overMs: number): boolean {
  if (request.isEmpty) return true;
  if (request.has('no-cache')) return false;
  const maxAge = request.seconds('max-age');
  if (maxAge !== undefined && ageMs > maxAge * 1000) return false;
  const minFresh = request.seconds('min-fresh');
  return minFresh === undefined || -overMs >= minFresh * 1000;
}

/** How long over its time is taken; without a value any (section 5.2.1.2). */
function tolerated(request: Directives): number {
  return request.isBare('max-stale') ? Number.POSITIVE_INFINITY : span(request, 'max-stale');
}

function whenFailing(request: Directives, answer: Directives, overMs: number): MayServe {
  // Who insists on an answer of now does not get an old one for it.
  if (request.has('no-cache') || request.seconds('max-age') === 0) return NEVER;
  const errorMs = graceMs(request, answer);
  return { onError: overMs < errorMs, onSilence: overMs < Math.max(errorMs, MAX_SILENCE_MS) };
}

/** How long over its time an answer is used where the next hop does not answer, to who wants nothing else. */
export function silenceMs(request: Directives, answer: Directives): number {
  return Math.max(graceMs(request, answer), MAX_SILENCE_MS);
}

function graceMs(request: Directives, answer: Directives): number {
  return Math.max(span(answer, 'stale-if-error'), span(request, 'stale-if-error'));
}

/** In milliseconds; less than any time where it is not said. */
function span(directives: Directives, name: string): number {
  return (directives.seconds(name) ?? Number.NEGATIVE_INFINITY) * 1000;
}
