/** Domains under which anybody can have a name, by the Public Suffix List, private suffixes included. */
import { parse } from 'tldts';

/** Whether the canonical name is such a domain: `com`, `co.uk`, `github.io`. What is on no list, as `local`, is none. */
export function isPublicSuffix(name: string): boolean {
  const found = parse(name, { allowPrivateDomains: true, extractHostname: false });
  return found.publicSuffix === name && (found.isIcann === true || found.isPrivate === true);
}
