/**
 * What a peer's final answer other than 2xx to our CONNECT means: whose doing it was, and whether another peer may be
 * asked. Only a peer with `hop: true` is believed about more than the status, and only its own, last Proxy-Status member.
 */
import { ProxyError, type Reason } from '#errors.ts';
import { lastProxyStatus } from '#net/proxy-status.ts';
import type { ConnectReply } from './connect-reply.ts';
import type { PeerOptions } from './options.ts';

/** Types that tell of the peer itself, not of the policy or the target (RFC 9209 section 2.3). */
const PEERS_OWN: ReadonlySet<string> = new Set([
  'proxy_internal_error',
  'proxy_configuration_error',
  'connection_limit_reached',
]);

/** Types that say no, as against failing. */
export const REFUSALS: ReadonlySet<string> = new Set(['http_request_denied', 'destination_ip_prohibited']);

/** A peer said no, or failed; its answer goes to the client whole. */
export class PeerRefusal extends ProxyError {
  readonly peer: PeerOptions;
  readonly reply: ConnectReply;
  /** RFC 9209 type that a trusted peer gave. */
  readonly peerError: string | undefined;
  /** Whether it is the peer's own fault, so that the next one is tried. */
  readonly isPeersFault: boolean;

  constructor(peer: PeerOptions, reply: ConnectReply) {
    const status = peer.hop ? lastProxyStatus(reply.headers) : undefined;
    super(reasonOf(reply.status, status?.error), {
      detail: `Peer "${peer.name}" answered ${reply.status}${status?.details ? `: ${status.details}` : ''}`,
    });
    this.peer = peer;
    this.reply = reply;
    this.peerError = status?.error;
    this.isPeersFault =
      this.reason === 'peer_auth_required' ||
      (status?.error !== undefined && PEERS_OWN.has(status.error)) ||
      (reply.status === 503 && status?.details?.startsWith('draining') === true);
  }
}

function reasonOf(status: number, error: string | undefined): Reason {
  if (status === 407) return 'peer_auth_required';
  if (error !== undefined) return REFUSALS.has(error) ? 'peer_refused' : 'peer_failed';
  return status >= 400 && status < 500 ? 'peer_refused' : 'peer_failed';
}
