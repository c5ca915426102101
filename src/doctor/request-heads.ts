/** The heads that doctor sends to a proxy. */
import { linesOf } from '#net/headers.ts';
import type { ProxyAddress } from './proxy-address.ts';
import type { Target } from './target.ts';

export function connectHead({ authority: { text } }: Target, proxy: ProxyAddress): string {
  return headOf(`CONNECT ${text}`, ['Host', text, ...credentialsFor(proxy)]);
}

/** A safe request, and the last on its connection. What a cache on the way has kept tells nothing of the target. */
export function plainHead({ authority: { text }, path }: Target, proxy: ProxyAddress): string {
  const fields = ['Host', text, 'Accept', '*/*', 'Cache-Control', 'no-cache', 'Connection', 'close'];
  return headOf(`GET http://${text}${path}`, [...fields, ...credentialsFor(proxy)]);
}

/** Who is there? It is answered by the first that it comes to (RFC 9110 section 7.6.2), whoever asks. */
export function whoHead({ authority: { text } }: ProxyAddress): string {
  return headOf('OPTIONS *', ['Host', text, 'Max-Forwards', '0', 'Connection', 'close']);
}

function credentialsFor({ authorization }: ProxyAddress): readonly string[] {
  return authorization === undefined ? [] : ['Proxy-Authorization', authorization];
}

function headOf(request: string, fields: readonly string[]): string {
  return `${request} HTTP/1.1\r\n${linesOf(['User-Agent', 'weir-doctor', ...fields])}\r\n`;
}
