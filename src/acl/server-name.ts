/** What `sni: verify` asks: whether a ClientHello is for the host that the CONNECT named. */
import type { Host } from '#net/host.ts';

/** An address is named by no server name (RFC 6066 section 3); a name is, by itself and in its canonical form. */
export function isForHost(serverName: Host | undefined, host: Host): boolean {
  return serverName === undefined ? host.kind === 'ip' : serverName.text === host.text;
}
