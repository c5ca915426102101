/**
 * A request as it goes onto a connection of ours, with the fields that its carrier writes: Connection, and the length of a body
 * that is here as a whole. What could be read as another request behind it is refused, whoever let it come so far.
 */
import { signsConnectionIn } from './connection-auth.ts';
import { ExchangeError, type ExchangeRequest } from './exchange.ts';
import { NOT_IN_VALUE } from './field-section.ts';
import { isNamed } from './headers.ts';

const TARGET = /^[\x21-\x7e\x80-\xff]+$/;
const NOT_IN_NAME = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** Without a body they need a length of 0 (RFC 9110 section 8.6); the others have none. */
const EXPECTS_CONTENT: ReadonlySet<string> = new Set([
  'POST',
  'PUT',
  'PATCH',
  'QUERY',
  'PROPFIND',
  'PROPPATCH',
]);

/**
 * Head and body as Latin-1, in which every byte is a character: one write, and one packet.
 * @throws {ExchangeError} `request_malformed`
 */
export function renderRequest({ method, target, headers, wholeBody }: ExchangeRequest): string {
  if (NOT_IN_NAME.test(method) || !TARGET.test(target)) throw malformed('request line');
  let host = '';
  let fields = '';
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    if (NOT_IN_NAME.test(name) || NOT_IN_VALUE.test(value)) throw malformed('header field');
    if (isNamed(name, 'host')) host = value;
    else if (!isNamed(name, 'content-length')) fields += `${name}: ${value}\r\n`;
  }
  const connection = method === 'HEAD' ? 'close' : 'keep-alive';
  const length = lengthField(method, wholeBody);
  const body = wholeBody === undefined ? '' : wholeBody.toString('latin1');
  return `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${connection}\r\n${fields}${length}\r\n${body}`;
}

/**
 * Whether the answer to a request leaves its connection fit for another. Some servers send a body with the answer to HEAD, or
 * take a body that they do not expect for another request; and some take all that comes for the one who signed in.
 */
export function leavesConnection({ method, headers, wholeBody }: ExchangeRequest): boolean {
  if (method === 'HEAD' || signsConnectionIn(headers)) return false;
  return wholeBody === undefined || EXPECTS_CONTENT.has(method);
}

function lengthField(method: string, wholeBody: Buffer | undefined): string {
  if (wholeBody !== undefined) return `content-length: ${wholeBody.length}\r\n`;
  return EXPECTS_CONTENT.has(method) ? 'content-length: 0\r\n' : '';
}

function malformed(what: string): ExchangeError {
  return new ExchangeError('request_malformed', 'connecting', `Malformed ${what}`);
}
