/** `Proxy-Authorization` of the scheme Basic (RFC 7617): a name and a password, in UTF-8. */
import { type RawHeaders, valuesOf } from '#net/headers.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Of a field's value; nobody needs more. */
const MAX_LENGTH = 2048;
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** Undefined where there are none, or none that can be read: more than one field is one that each hop would read differently. */
export function credentialsOf(headers: RawHeaders): Credentials | undefined {
  const [value, ...more] = valuesOf(headers, 'proxy-authorization');
  if (value === undefined || more.length > 0 || value.length > MAX_LENGTH) return undefined;
  const [, encoded] = BASIC.exec(value) ?? [];
  if (encoded === undefined) return undefined;
  const text = decode(encoded);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decode(encoded: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}
