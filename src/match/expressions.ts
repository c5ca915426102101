/**
 * `dstDomainRegex` and `urlRegex`: patterns that are looked for anywhere in the host name or in the URL. `^` and `$` tie them
 * to its ends, and without them a pattern such as `microsoft\.com` is found in `microsoft.com.example.org` too.
 */
import type { Matcher } from './matcher.ts';
import { type Pattern, PatternSet } from './patterns.ts';
import { Tri, triOf } from './tri.ts';

/** No host name is longer (RFC 1035 section 2.3.4). */
export const LONGEST_HOST = 253;
/** Of a URL, in characters. */
export const LONGEST_URL = 4096;

/** `dstDomainRegex`: judges the canonical name that the client asked for; unknown where it asked for an address. */
export function compileDomainPatterns(patterns: readonly Pattern[]): Matcher {
  const set = new PatternSet(patterns, { longest: LONGEST_HOST, ignoresCase: true });
  return Object.freeze<Matcher>({
    key: 'dstDomainRegex',
    test: ({ host }) => (host.kind === 'ip' ? Tri.Unknown : foundIn(set, host.text)),
  });
}

/** `urlRegex`: judges the URL of plain HTTP, query included; unknown for a CONNECT, and for a URL that is too long. */
export function compileUrlPatterns(patterns: readonly Pattern[]): Matcher {
  const set = new PatternSet(patterns, { longest: LONGEST_URL, ignoresCase: false });
  return Object.freeze<Matcher>({
    key: 'urlRegex',
    test: ({ requestUrl }) => (requestUrl === undefined ? Tri.Unknown : foundIn(set, requestUrl)),
  });
}

/** What is too long to be judged is unknown. */
export function foundIn(set: PatternSet, text: string): Tri {
  const isFound = set.isFoundIn(text);
  return isFound === undefined ? Tri.Unknown : triOf(isFound);
}
