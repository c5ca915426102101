/**
 * Authentication that a server remembers for the whole connection, against HTTP: whoever came next on such a connection would be taken
 * for the one who signed in. It is never kept for another exchange.
 */
import { isNamed, type RawHeaders } from './headers.ts';

const SIGNS_IN = /^[\t ]*(?:ntlm|negotiate|nego2|kerberos)\b/i;
/** Anywhere: one field may name several schemes. */
const ASKS = /\b(?:ntlm|negotiate|nego2|kerberos)\b/i;

/** Whether a request with these fields signs its connection in. */
export function signsConnectionIn(headers: RawHeaders): boolean {
  return hasLike(headers, 'authorization', SIGNS_IN);
}

/** Whether the value of a WWW-Authenticate is about the connection. */
export function isAboutConnection(challenge: string): boolean {
  return ASKS.test(challenge);
}

/** Whether an answer with these fields is about its connection. */
export function asksOfConnection(headers: RawHeaders): boolean {
  return hasLike(headers, 'www-authenticate', ASKS);
}

/** Whether there is a field of that name whose value is like that. */
function hasLike(headers: RawHeaders, name: string, value: RegExp): boolean {
  for (let i = 0; i < headers.length; i += 2)
    if (isNamed(headers[i] as string, name) && value.test(headers[i + 1] as string)) return true;
  return false;
}
