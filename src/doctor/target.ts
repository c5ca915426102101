/** What doctor is to reach: a host and a port, and what is spoken there. */
import { type Authority, parseHostPort } from '#net/authority.ts';

/** `tls`: a tunnel with TLS in it; `http`: a plain request; `tcp`: a tunnel, and nothing is said in it. */
export type Speech = 'tls' | 'http' | 'tcp';

export interface Target {
  readonly speech: Speech;
  readonly authority: Authority;
  /** What stands behind the authority; of a plain request only. Never shown: it may hold a secret. */
  readonly path: string;
  /** For people, without path and query. */
  readonly text: string;
}

const SCHEMES: Readonly<Record<string, readonly [speech: Speech, defaultPort: number]>> = {
  https: ['tls', 443],
  http: ['http', 80],
  // No port is usual.
  tcp: ['tcp', 0],
};

/** Whatever the text, it has this form. */
type Parts = [string, string?, string?];

/**
 * Reads `host`, `host:port` and `https://…` (TLS in a tunnel), `http://…` (a plain request) and `tcp://host:port`.
 * @throws {Error} naming the fix, and not what it cannot read
 */
export function parseTarget(text: string): Target {
  const [, scheme = 'https', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(
    text,
  ) as unknown as Parts;
  const [speech, defaultPort] = SCHEMES[scheme.toLowerCase()] ?? unknownScheme(scheme);
  const end = rest.search(/[/?#]/);
  const [where, path] = end < 0 ? [rest, ''] : [rest.slice(0, end), rest.slice(end).replace(/#.*$/s, '')];
  const authority = authorityIn(where, defaultPort);
  const shown = speech === 'http' ? `http://${authority.text}/` : authority.text;
  return { speech, authority, path: path.startsWith('/') ? path : `/${path}`, text: shown };
}

function unknownScheme(scheme: string): never {
  throw new Error(
    `Target has the scheme "${scheme}", write host:port, https://host, http://host or tcp://host:port`,
  );
}

/** @throws {Error} */
function authorityIn(where: string, defaultPort: number): Authority {
  const fix = 'write one such as login.microsoft.com:443';
  if (where.includes('@')) throw new Error(`Target has credentials, which are not needed; ${fix}`);
  let authority: Authority;
  try {
    authority = parseHostPort(where, defaultPort);
  } catch (cause) {
    throw new Error(`Target cannot be read, ${fix}`, { cause });
  }
  if (authority.port === 0) throw new Error('Target has no port, write one such as tcp://host:22');
  return authority;
}
