/** What `weir cache purge` takes out: one URL, or all of a host. Compared with the canonical URLs under which answers are kept. */
import type { ProxyError } from '#errors.ts';
import { parseHostPort } from '#net/authority.ts';
import { parseRequestTarget } from '#net/request-target.ts';

export interface PurgeTarget {
  /** Canonical, as records write it. */
  readonly name: string;
  readonly kind: 'url' | 'host';
  /** One URL; of a host what its URLs begin with. */
  readonly urls: readonly string[];
}

export interface Purged {
  /** How many answers were taken out. */
  readonly purged: number;
  /** Why not all of them could be removed from disk. */
  readonly fault?: string | undefined;
}

const HTTP_PORT = 80;
/** Colons within brackets are the address's. */
const HAS_PORT = /^(?:\[.*\]|[^[\]]*):\d+$/;

/** @throws {Error} saying what to write */
export function parsePurgeTarget(text: string): PurgeTarget {
  return text.includes('/') ? urlTarget(text) : hostTarget(text);
}

/** The URL as requests for it are known here. @throws {Error} saying what to write */
export function parseKeptUrl(text: string): string {
  if (!/^http:\/\//i.test(text))
    throw new Error(
      `"${text}" is no http:// URL: only plain HTTP is kept, such as http://deb.debian.org/dists/`,
    );
  return read(() => parseRequestTarget('GET', text).url);
}

function urlTarget(text: string): PurgeTarget {
  const url = parseKeptUrl(text);
  return { name: url, kind: 'url', urls: [url] };
}

/** The slash, or the colon, keeps names out that only begin like it. */
function hostTarget(text: string): PurgeTarget {
  const { port, text: canonical } = read(() => parseHostPort(text, HTTP_PORT));
  const host = canonical.slice(0, -`:${port}`.length);
  if (!HAS_PORT.test(text)) return { name: host, kind: 'host', urls: [`http://${host}/`, `http://${host}:`] };
  const authority = port === HTTP_PORT ? host : canonical;
  return { name: canonical, kind: 'host', urls: [`http://${authority}/`] };
}

/** @throws {Error} with what the reader of requests has against it */
function read<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new Error((error as ProxyError).message, { cause: error });
  }
}
