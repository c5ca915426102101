/** Where the API server of a cluster is. */
import { isLoopback, parseIp } from '#net/ip.ts';

/**
 * Reads where an API server is. Without TLS only on this machine: it is told a secret.
 * @throws {Error} naming the text and the fix
 */
export function parseApiServer(text: string): string {
  const url = URL.parse(text);
  const isBare = url !== null && `${url.origin}/` === url.href;
  if (!isBare || !(url.protocol === 'https:' || url.protocol === 'http:')) {
    throw new Error(`API server "${text}" cannot be, write for example "https://10.0.0.1:6443"`);
  }
  const ip = parseIp(url.hostname.replaceAll(/[[\]]/g, ''));
  if (url.protocol === 'http:' && !(ip !== undefined && isLoopback(ip))) {
    throw new Error(
      `API server "${text}" would be told the token in clear text, write "https://${url.host}"`,
    );
  }
  return url.origin;
}
