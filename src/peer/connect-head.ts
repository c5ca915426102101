/** Our CONNECT to a peer, as it is written. */
import { linesOf, type RawHeaders } from '#net/headers.ts';
import type { PeerOptions } from './options.ts';

/** `target` is host and port, `via` our own and all before; `fields` are what else this peer is told. */
export function connectHead(target: string, via: string, fields: RawHeaders): string {
  return `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nVia: ${via}\r\n${linesOf(fields)}\r\n`;
}

/** By whom we are known to the peer; none where it does not ask. */
export function credentialsFor({ authorization }: PeerOptions): string[] {
  return authorization === undefined ? [] : ['Proxy-Authorization', authorization];
}
