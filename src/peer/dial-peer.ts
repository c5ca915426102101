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
  for (const { text } of await peerAddresses(tools, options)) {
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

/** @throws {ProxyError} `peer_unavailable` where the peer's name does not resolve */
export async function peerAddresses(tools: PeerTools, options: PeerOptions): Promise<readonly IpAddress[]> {
  try {
    return await tools.resolve(options.address.host);
  } catch (error) {
    throw asPeerFault(options, error);
  }
}
