/**
 * What a peer says of itself with an answer: whose doing it was, and with that (`retryable` in errors.ts) whether another peer
 * may be asked. Only a peer with `hop: true` is believed about more than the status, and only its own, last Proxy-Status member.
 */
import { ProxyError, type Reason } from '#errors.ts';
import type { RawHeaders } from '#net/headers.ts';
import { lastProxyStatus, type ProxyStatus } from '#net/proxy-status.ts';
import type { ConnectReply } from './connect-reply.ts';
import type { PeerOptions } from './options.ts';

/**
 * Types that tell of the peer itself, not of the policy or the target (RFC 9209 section 2.3). `proxy_configuration_error` is none:
 * `no_route` and `source_unavailable` are of the way to one target, and `peer_auth_required` of the peer's own peer, so that who
 * chooses the target could have the peer ejected. The reasons of `proxy_internal_error` nobody brings about at will; `saturated`
 * and `connections_exceeded` are how full the whole peer is, for whomever, and another may have room. What it limits for us as
 * its client has no type.
 */
const PEERS_OWN: ReadonlySet<string> = new Set(['proxy_internal_error', 'connection_limit_reached']);

/** Reasons of these types that hold for one way or one target only: a few tunnels to it bring them about. */
const OF_ONE_WAY: ReadonlySet<string | undefined> = new Set(['peers_full', 'ports_exhausted']);

/** Types that say no, as against failing. */
const REFUSALS: ReadonlySet<string> = new Set(['http_request_denied', 'destination_ip_prohibited']);

/** What is believed of what a peer says of its answer. */
export function wordOf(peer: PeerOptions, headers: RawHeaders): ProxyStatus | undefined {
  return peer.hop ? lastProxyStatus(headers) : undefined;
}

/** What a peer says of itself; undefined where the answer is the target's, as far as it tells. */
export function reasonGiven(status: number, word: ProxyStatus | undefined): Reason | undefined {
  if (status === 407) return isPassedOn(word) ? undefined : 'peer_auth_required';
  if (word?.error === undefined) return isDraining(status, word) ? 'peer_faulty' : undefined;
  if (REFUSALS.has(word.error)) return 'peer_refused';
  return PEERS_OWN.has(word.error) && !isOfOneWay(word) ? 'peer_faulty' : 'peer_failed';
}

/** Our own hops begin their details with the reason. */
function isOfOneWay({ details }: ProxyStatus): boolean {
  return OF_ONE_WAY.has(details?.split(' ', 1)[0]);
}

/** The answer came from behind the peer, and the peer finds no fault with it (RFC 9209 section 2.1.4). */
function isPassedOn(word: ProxyStatus | undefined): boolean {
  return word?.receivedStatus !== undefined && word.error === undefined;
}

/** RFC 9209 has no type for a proxy that shuts down. */
function isDraining(status: number, word: ProxyStatus | undefined): boolean {
  return status === 503 && word?.details?.startsWith('draining') === true;
}

/** What is said of `peer` and its answer in the log. */
export function describeAnswer(peer: PeerOptions, status: number, word: ProxyStatus | undefined): string {
  return `Peer "${peer.name}" answered ${status}${word?.details ? `: ${word.details}` : ''}`;
}

/** A peer said no, or failed, in answer to CONNECT; its answer goes to the client whole. */
export class PeerRefusal extends ProxyError {
  readonly peer: PeerOptions;
  readonly reply: ConnectReply;
  /** RFC 9209 type that a trusted peer gave. */
  readonly peerError: string | undefined;

  constructor(peer: PeerOptions, reply: ConnectReply) {
    const word = wordOf(peer, reply.headers);
    super(reasonOf(reply.status, word), { detail: describeAnswer(peer, reply.status, word) });
    this.peer = peer;
    this.reply = reply;
    this.peerError = word?.error;
  }
}

/** A tunnel has no target that could answer: what the peer does not tell, its status does. */
function reasonOf(status: number, word: ProxyStatus | undefined): Reason {
  if (status === 407) return 'peer_auth_required';
  return reasonGiven(status, word) ?? (status >= 400 && status < 500 ? 'peer_refused' : 'peer_failed');
}
