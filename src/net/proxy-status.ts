/**
 * Proxy-Status (RFC 9209): writes this hop's member and reads the last one of a peer's. A list; the first member is the
 * proxy closest to the origin, each hop appends its own. Only the last member can be the peer's: an origin may forge the rest.
 */
import { type RawHeaders, valuesOf } from './headers.ts';

export interface ProxyStatus {
  /** The intermediary's name. */
  readonly hop: string;
  /** Proxy error type of section 2.3. */
  readonly error?: string | undefined;
  readonly nextHop?: string | undefined;
  readonly receivedStatus?: number | undefined;
  readonly details?: string | undefined;
}

/** What needs no escape. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** One member, such as `t1;error=http_request_denied;details="rule_denied rule=unsafe-port"`. */
export function renderProxyStatus(status: ProxyStatus): string {
  let member = nameOf(status.hop);
  if (status.error !== undefined) member += `;error=${status.error}`;
  if (status.nextHop !== undefined) member += `;next-hop=${quote(status.nextHop)}`;
  if (status.receivedStatus !== undefined) member += `;received-status=${status.receivedStatus}`;
  if (status.details !== undefined) member += `;details=${quote(status.details)}`;
  return member;
}

let hop = '';
let hopName = '';

/** A token, or else a string. One process has one name. */
function nameOf(name: string): string {
  if (name !== hop) {
    hop = name;
    hopName = /^[A-Za-z*][\w.!#$%&'*+^`|~:/-]*$/.test(name) ? name : quote(name);
  }
  return hopName;
}

/** A structured field's string holds printable ASCII only (RFC 8941 section 3.3.3). */
function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * The last member that a peer sent; undefined where there is none. Only the last field line is read, since the peer writes
 * its own: joined, an unclosed quote in an origin's line would swallow what follows.
 */
export function lastProxyStatus(headers: RawHeaders): ProxyStatus | undefined {
  const line = valuesOf(headers, 'proxy-status').at(-1) ?? '';
  return memberIn(splitOutsideQuotes(line, ',').at(-1) as string);
}

/** Every member, from the origin's side on; each line is read by itself. Which of them are forged is for the caller to judge. */
export function proxyStatusMembers(headers: RawHeaders): ProxyStatus[] {
  const members = valuesOf(headers, 'proxy-status').flatMap((line) => splitOutsideQuotes(line, ','));
  return members.flatMap((member) => {
    const status = memberIn(member);
    return status === undefined ? [] : [{ ...status, nextHop: parameterIn(partsOf(member), 'next-hop') }];
  });
}

function memberIn(member: string): ProxyStatus | undefined {
  const [name = '', ...parameters] = partsOf(member);
  if (name === '') return undefined;
  return {
    hop: unquote(name),
    error: parameterIn(parameters, 'error'),
    receivedStatus: statusOf(parameterIn(parameters, 'received-status')),
    details: parameterIn(parameters, 'details'),
  };
}

function partsOf(member: string): string[] {
  return splitOutsideQuotes(member, ';').map((part) => part.trim());
}

function parameterIn(parameters: readonly string[], key: string): string | undefined {
  const found = parameters.find((parameter) => parameter.startsWith(`${key}=`));
  return found === undefined ? undefined : unquote(found.slice(key.length + 1));
}

function statusOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-5]\d\d$/.test(text) ? Number(text) : undefined;
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

function splitOutsideQuotes(value: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < value.length; i += 1) {
    const char = value[i];
    if (char === '\\' && isQuoted) i += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      parts.push(value.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}
