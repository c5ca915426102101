/** The proxy that is asked, as a variable or an option names it. Its credentials are for the proxy alone: no text here has them. */
import { type Authority, parseAuthority } from '#net/authority.ts';

export interface ProxyAddress {
  readonly scheme: 'http' | 'https';
  readonly authority: Authority;
  /** Value of Proxy-Authorization; undefined where the URL has no credentials. */
  readonly authorization: string | undefined;
  /** For people, with `***` in the place of credentials. */
  readonly text: string;
}

const FORM = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:(.*)@)?([^@]*?)\/?$/is;
type Parts = [string, string?, string?, string?];
const FIX = 'write one such as http://proxy.example.com:3128';

/**
 * Reads `http://host:port` and `https://host:port`, with `user:password@` perhaps; without a scheme it is http.
 * @throws {Error} naming the fix, and nothing of what it cannot read
 */
export function parseProxyAddress(value: string): ProxyAddress {
  // Whatever the text, it has this form.
  const [, given = 'http', userinfo, where = ''] = FORM.exec(value.trim()) as unknown as Parts;
  const scheme = given.toLowerCase();
  if (scheme !== 'http' && scheme !== 'https')
    throw new Error(`Proxy has the scheme "${given}", which is not spoken here; ${FIX}`);
  try {
    const authority = parseAuthority(where);
    const authorization = userinfo === undefined ? undefined : basic(userinfo);
    const mask = userinfo === undefined ? '' : '***@';
    return { scheme, authority, authorization, text: `${scheme}://${mask}${authority.text}` };
  } catch (cause) {
    throw new Error(`Proxy cannot be read as host and port, ${FIX}`, { cause });
  }
}

/** @throws {URIError} */
function basic(userinfo: string): string {
  return `Basic ${Buffer.from(decodeURIComponent(userinfo)).toString('base64')}`;
}
