/**
 * A tunnel through the peers of a route: dial one, ask it by CONNECT, and try the next after a fault that is the peer's
 * own. A refusal, or a target's error that a peer reports, is final and counts against nobody.
 */
import { ProxyError, REASONS } from '#errors.ts';
import type { Abort } from '#net/abort.ts';
import type { Leg } from '#net/leg.ts';
import { type ConnectReply, readConnectReply } from './connect-reply.ts';
import { dialPeer, type PeerTools } from './dial-peer.ts';
import type { PeerOptions } from './options.ts';
import type { Peer } from './peer.ts';
import { PeerRefusal } from './refusal.ts';
import type { Selector } from './select.ts';

export interface PeerTunnel {
  readonly peer: Peer;
  readonly leg: Leg;
  readonly reply: ConnectReply;
  /** Address of the peer that was dialled. */
  readonly address: string;
  /** To be called when the tunnel is over. */
  readonly release: () => void;
}

/** How a client's wish is put to one peer. */
export type ComposeHead = (peer: PeerOptions) => string;

export interface PeerRequest {
  readonly selector: Selector;
  readonly composeHead: ComposeHead;
  /** Told of each peer before it is dialled. */
  readonly onTry?: (peer: PeerOptions) => void;
}

/**
 * @throws {PeerRefusal} what the peer answered
 * @throws {ProxyError} `peer_*` when no peer could be asked, or the reason of `abort`
 */
export async function connectThroughPeers(
  tools: PeerTools,
  request: PeerRequest,
  abort: Abort,
): Promise<PeerTunnel> {
  let last: ProxyError | undefined;
  for (const peer of request.selector.order(tools.wheel.now())) {
    const release = peer.occupy();
    request.onTry?.(peer.options);
    try {
      const tunnel = await connectThroughPeer({ tools, peer, composeHead: request.composeHead }, abort);
      peer.succeeded();
      return { ...tunnel, peer, release };
    } catch (error) {
      release();
      last = ProxyError.from(error);
      if (abort.reason !== undefined) throw onAbort(peer, abort.reason, tools);
      if (!noteFault(peer, last, tools)) throw last;
    }
  }
  throw last ?? new ProxyError('peer_unavailable', { detail: 'The route has no peers' });
}

interface OneTry {
  readonly tools: PeerTools;
  readonly peer: Peer;
  readonly composeHead: ComposeHead;
}

async function connectThroughPeer(
  one: OneTry,
  abort: Abort,
): Promise<Pick<PeerTunnel, 'leg' | 'reply' | 'address'>> {
  const { options } = one.peer;
  const { leg, address } = await dialPeer(one.tools, options, abort);
  try {
    leg.writeText(one.composeHead(options));
    const reply = await readConnectReply(leg, abort);
    if (reply.status >= 300) throw new PeerRefusal(options, reply);
    return { leg, reply, address };
  } catch (error) {
    leg.destroy();
    throw error;
  }
}

/** @returns whether the next peer may be tried */
function noteFault(peer: Peer, error: ProxyError, tools: PeerTools): boolean {
  const { retryable } = REASONS[error.reason];
  if (retryable) peer.failed(error.reason, tools.wheel.now());
  else if (error instanceof PeerRefusal) peer.succeeded();
  return retryable;
}

/** Our own deadline speaks against the peer that was being waited for; a client that left does not. */
function onAbort(peer: Peer, reason: ProxyError, tools: PeerTools): ProxyError {
  if (REASONS[reason.reason].source === 'peer') peer.failed(reason.reason, tools.wheel.now());
  return reason;
}
