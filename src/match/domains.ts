/**
 * `dstDomains` and `sni`: host names by suffix, in three forms that differ in what they reach. An address is no name, so for a
 * host that is one the key does not apply. Comparison is by whole labels of canonical names, never by text endings.
 */
import { parseHost } from '#net/host.ts';
import type { Matcher } from './matcher.ts';
import { UNHEARD } from './subject.ts';
import { Reach, SuffixTable } from './suffix-table.ts';
import { Tri, triOf } from './tri.ts';

/** One entry: `x.com` the name alone, `.x.com` the name and everything under it, `*.x.com` only what is under it. */
export interface DomainPattern {
  readonly reach: 'itself' | 'itself-and-below' | 'below';
  /** Canonical name, without the prefix. */
  readonly name: string;
  /** Canonical text, with the prefix. */
  readonly text: string;
}

const PREFIXES = { itself: '', 'itself-and-below': '.', below: '*.' } as const;

const REACHES = {
  itself: Reach.Itself,
  'itself-and-below': Reach.Itself | Reach.Below,
  below: Reach.Below,
} as const;

/**
 * Reads one entry of a domain list; names in other scripts become A-labels.
 * @throws {Error} naming the text and the fix
 */
export function parseDomainPattern(text: string): DomainPattern {
  const reach = reachOf(text);
  const rest = text.slice(PREFIXES[reach].length);
  if (rest === '') throw new Error(`Domain "${text}" names nothing, write a name such as ".example.com"`);
  if (text === '*')
    throw new Error('Domain "*" stands for every name, use the built-in ACL "all" or leave the key out');
  if (rest.includes('*')) {
    throw new Error(`Domain "${text}" has a wildcard inside, "*." stands only in front of a whole name`);
  }
  const name = canonicalName(text, rest);
  return Object.freeze({ reach, name, text: PREFIXES[reach] + name });
}

function reachOf(text: string): DomainPattern['reach'] {
  if (text.startsWith('*.')) return 'below';
  return text.startsWith('.') ? 'itself-and-below' : 'itself';
}

function canonicalName(text: string, rest: string): string {
  let host: ReturnType<typeof parseHost>;
  try {
    host = parseHost(rest);
  } catch (cause) {
    const fix = 'write a host name without scheme, port and path';
    throw new Error(`Domain "${text}" is no host name, ${fix}`, { cause });
  }
  if (host.kind === 'ip') throw new Error(`Domain "${text}" is an address, write it under "dst"`);
  return host.text;
}

/** `dstDomains`: judges the name that the client asked for; unknown where it asked for an address. */
export function compileDomains(patterns: readonly DomainPattern[]): Matcher {
  const table = tableOf(patterns);
  return Object.freeze<Matcher>({
    key: 'dstDomains',
    test: ({ host }) => (host.kind === 'ip' ? Tri.Unknown : triOf(table.has(host.text))),
  });
}

/** `sni`: judges the server name of a tunnel's ClientHello; unknown where there is none, or an address. */
export function compileSni(patterns: readonly DomainPattern[]): Matcher {
  const table = tableOf(patterns);
  return Object.freeze<Matcher>({
    key: 'sni',
    test: ({ sni }) => {
      if (sni === UNHEARD) return Tri.Unheard;
      return sni === undefined || sni.kind === 'ip' ? Tri.Unknown : triOf(table.has(sni.text));
    },
  });
}

function tableOf(patterns: readonly DomainPattern[]): SuffixTable {
  const reaches = new Map<string, number>();
  for (const { name, reach } of patterns) reaches.set(name, (reaches.get(name) ?? 0) | REACHES[reach]);
  return new SuffixTable(reaches);
}
