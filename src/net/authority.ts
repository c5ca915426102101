/**
 * Host and port as one value, read from the authority-form of CONNECT (RFC 9112 section 3.2.3) and from the authority
 * of an absolute-form. User information is refused, never dropped: who sends it means something we would not do.
 */
import { ProxyError } from '#errors.ts';
import { type Host, parseHost } from './host.ts';
import { quoteUntrusted } from './quote.ts';

export interface Authority {
  readonly host: Host;
  /** From 1 to 65535. */
  readonly port: number;
  /** Canonical `host:port`, IPv6 in brackets. */
  readonly text: string;
}

const COLON = 0x3a;
const ZERO = 0x30;
const MAX_PORT = 65_535;

/**
 * Reads `host:port`; there is no default port.
 * @throws {ProxyError} request_malformed
 */
export function parseAuthority(text: string): Authority {
  return parse(text, undefined);
}

/**
 * Reads `host`, `host:` or `host:port`; an absent or empty port is `defaultPort` (RFC 3986 section 3.2.3).
 * @throws {ProxyError} request_malformed
 */
export function parseHostPort(text: string, defaultPort: number): Authority {
  return parse(text, defaultPort);
}

/** The authority of a host and a port from 1 to 65535. */
export function authorityOf(host: Host, port: number): Authority {
  return { host, port, text: hostPort(host.text, port) };
}

/** `host:port` of a canonical name or address, IPv6 in brackets (RFC 3986 section 3.2.2). */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function parse(text: string, defaultPort: number | undefined): Authority {
  const colon = portColon(text);
  const port = colon < 0 || colon === text.length - 1 ? defaultPort : parsePort(text, colon + 1);
  if (port === undefined) {
    throw new ProxyError('request_malformed', {
      detail: `Cannot read authority ${quoteUntrusted(text)}: a port from 1 to ${MAX_PORT} must follow the host`,
    });
  }
  return authorityOf(parseHost(colon < 0 ? text : text.slice(0, colon)), port);
}

/** Where the colon before the port is, or -1. Colons inside brackets are the address's. */
function portColon(text: string): number {
  // Without brackets the first colon counts, so that a bare IPv6 address has no port and no valid rest.
  if (!text.includes(']')) return text.indexOf(':');
  const bracket = text.lastIndexOf(']');
  return text.charCodeAt(bracket + 1) === COLON ? bracket + 1 : -1;
}

/** The digits from `start` on as a port; undefined where they are anything else, or out of range. */
function parsePort(text: string, start: number): number | undefined {
  if (text.length - start > 5) return undefined;
  let port = 0;
  for (let i = start; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    port = port * 10 + digit;
  }
  return port >= 1 && port <= MAX_PORT ? port : undefined;
}
