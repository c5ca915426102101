/** The keys of an ACL that ask what is wanted, of whom, and when. */
import type { Network } from '#net/ip.ts';
import { compileDomains, compileSni, type DomainPattern } from './domains.ts';
import { compileDomainPatterns, compileUrlPatterns } from './expressions.ts';
import { compileFields, type FieldWishes } from './fields.ts';
import type { Matcher } from './matcher.ts';
import { compileDestinations } from './networks.ts';
import type { Pattern } from './patterns.ts';
import { compilePorts, type PortRange } from './ports.ts';
import { compileTime, type TimeOptions } from './time.ts';
import { compileMethods, compileSchemes } from './words.ts';

/** Parsed. No key: it does not matter. */
export interface RequestKeys {
  readonly dst?: readonly Network[] | undefined;
  readonly dstDomains?: readonly DomainPattern[] | undefined;
  readonly dstDomainRegex?: readonly Pattern[] | undefined;
  readonly urlRegex?: readonly Pattern[] | undefined;
  readonly ports?: readonly PortRange[] | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly schemes?: readonly string[] | undefined;
  readonly headers?: FieldWishes | undefined;
  readonly sni?: readonly DomainPattern[] | undefined;
  readonly time?: TimeOptions | undefined;
}

/** A matcher for each key that is there, cheapest first. */
export function compileRequestKeys(keys: RequestKeys): Matcher[] {
  const { methods, schemes, ports, time, dstDomains, sni, headers, dstDomainRegex, urlRegex, dst } = keys;
  return [
    methods && compileMethods(methods),
    schemes && compileSchemes(schemes),
    ports && compilePorts(ports),
    time && compileTime(time),
    dstDomains && compileDomains(dstDomains),
    sni && compileSni(sni),
    headers && compileFields(headers),
    dstDomainRegex && compileDomainPatterns(dstDomainRegex),
    urlRegex && compileUrlPatterns(urlRegex),
    dst && compileDestinations(dst),
  ].filter((matcher) => matcher !== undefined);
}
