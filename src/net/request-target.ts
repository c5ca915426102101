/**
 * The request target (RFC 9112 section 3.2) of what a proxy is asked: authority-form for CONNECT, absolute-form for the
 * rest. Path and query stay the bytes they were (RFC 9110 section 7.7); only the authority is read.
 */
import { ProxyError } from '#errors.ts';
import { type Authority, parseAuthority, parseHostPort } from './authority.ts';

export interface RequestTarget {
  readonly authority: Authority;
  /** Origin-form to send to an origin; empty for CONNECT. `*` for an OPTIONS without a path. */
  readonly path: string;
  /** Absolute-form to send to a peer, with the canonical authority; empty for CONNECT. */
  readonly url: string;
}

const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^#]*)(#.*)?$/s;
const HTTP_PORT = 80;

/** @throws {ProxyError} `request_malformed`, or `scheme_unsupported` for anything but http */
export function parseRequestTarget(method: string, text: string): RequestTarget {
  if (method === 'CONNECT') {
    refuseNonAscii(text);
    return { authority: parseAuthority(text), path: '', url: '' };
  }
  const parts = ABSOLUTE.exec(text);
  if (parts === null) throw malformed('is not an absolute URL; a proxy needs the whole URL');
  const [, scheme = '', authorityText = '', rest = '', fragment] = parts;
  if (scheme.toLowerCase() !== 'http') {
    throw new ProxyError('scheme_unsupported', {
      detail: `Cannot forward the scheme "${scheme.slice(0, 32)}"`,
    });
  }
  if (fragment !== undefined) throw malformed('has a fragment');
  refuseNonAscii(authorityText);
  const authority = parseHostPort(authorityText, HTTP_PORT);
  const host = authority.port === HTTP_PORT ? authority.text.slice(0, -':80'.length) : authority.text;
  const isServerWide = method === 'OPTIONS' && rest === '';
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return { authority, path: isServerWide ? '*' : path, url: `http://${host}${isServerWide ? '' : path}` };
}

/** Host field that an origin gets: generated from the target, whatever Host the client sent (section 3.2.2). */
export function hostField(target: RequestTarget): string {
  const { authority } = target;
  return authority.port === HTTP_PORT ? authority.text.slice(0, -':80'.length) : authority.text;
}

/** A name in UTF-8 would be read byte by byte here, and come out as another, valid name. Clients send A-labels. */
function refuseNonAscii(authority: string): void {
  if (/[^\x21-\x7e]/.test(authority)) throw malformed('has a host that is not ASCII; write it as A-labels');
}

function malformed(what: string): ProxyError {
  return new ProxyError('request_malformed', { detail: `Request target ${what}` });
}
