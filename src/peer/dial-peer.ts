/** A connection to a peer: its name resolved, its addresses tried in turn, and every fault told of the peer. */
import { ProxyError } from '#errors.ts';
import type { Abort } from '#net/abort.ts';
import { dial } from '#net/dial.ts';
import type { Host } from '#net/host.ts';
import type { IpAddress } from '#net/ip.ts';
import type { Leg } from '#net/leg.ts';
import type { DialTools } from '#net/opening.ts';
import { asPeerFault } from './fault.ts';
import type { PeerOptions } from './options.ts';

/** What peers need of the process. */
export interface PeerTools extends DialTools {
  /** At once where the answer is known. */
  resolve(host: Host): readonly IpAddress[] | Promise<readonly IpAddress[]>;
  readonly connectTimeoutMs: number;
}

/** Tries each address of the peer's name in turn. */
export async function dialPeer(
  tools: PeerTools,
  options: PeerOptions,
  abort: Abort,
): Promise<{ leg: Leg; address: string }> {
  const { port } = options.address;
  let last: unknown;
  const addresses = peerAddresses(tools, options);
  for (const { text } of addresses instanceof Promise ? await addresses : addresses) {
    try {
      const timeoutMs = options.connectTimeoutMs ?? tools.connectTimeoutMs;
      return { leg: await dial(tools, { address: text, port, timeoutMs }, abort), address: text };
    } catch (error) {
      abort.check();
      last = error;
    }
  }
  throw asPeerFault(options, last ?? new ProxyError('dns_error', { detail: 'Its name has no address' }));
}

/** At once where they are known. @throws {ProxyError} `peer_unavailable` where the peer's name does not resolve */
export function peerAddresses(
  tools: PeerTools,
  options: PeerOptions,
): readonly IpAddress[] | Promise<readonly IpAddress[]> {
  const addresses = tools.resolve(options.address.host);
  if (!(addresses instanceof Promise)) return addresses;
  return addresses.catch((error: unknown) => {
    throw asPeerFault(options, error);
  });
}
