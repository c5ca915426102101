/**
 * A fault on the way to a peer, told of the peer: what would be the origin's doing on a direct route is the peer's here, and time that
 * went by before its turn is not.
 */
import { ProxyError, REASONS, type Reason } from '#errors.ts';
import type { PeerOptions } from './options.ts';
import type { Peer } from './peer.ts';

/** The same fault, told of the peer instead of an origin. */
export function asPeerFault(options: PeerOptions, cause: unknown): ProxyError {
  const fault = ProxyError.from(cause);
  const detail = `Cannot reach peer "${options.name}" (${options.address.text}): ${fault.message}`;
  return new ProxyError(PEER_REASONS[fault.reason] ?? 'peer_unavailable', { detail, cause });
}

const PEER_REASONS: Partial<Record<Reason, Reason>> = {
  connection_timeout: 'peer_timeout',
  connection_terminated: 'peer_terminated',
  response_timeout: 'peer_timeout',
  response_malformed: 'peer_protocol_error',
  response_incomplete: 'peer_terminated',
  tls_certificate_error: 'tls_certificate_error',
  tls_alert_received: 'tls_alert_received',
  tls_protocol_error: 'tls_protocol_error',
  saturated: 'saturated',
  ports_exhausted: 'ports_exhausted',
  internal_error: 'internal_error',
  request_malformed: 'request_malformed',
  draining: 'draining',
};

/** Whether the peer could not be connected to, so that it has heard nothing and had no load of it. */
export function isUnreached({ reason, cause }: ProxyError): boolean {
  if (reason === 'peer_unavailable') return true;
  return cause instanceof ProxyError && cause.reason === 'connection_timeout';
}

/** Why a request goes through no peer of its route, where none is at fault. */
export function noRoom(): ProxyError {
  return new ProxyError('peers_full', { detail: 'No peer of the route takes more than it has' });
}

/** A peer has had its time with this much less: it has two seconds less for the target than the tier before it waits. */
const SPARE_MS = 1_000;

interface Wait {
  /** When the peer's turn came, monotonic as the next. */
  readonly askedMs: number;
  readonly nowMs: number;
  /** How long the client waits in all, with what came before. */
  readonly patienceMs: number;
}

/**
 * Our own deadline speaks against the peer that was being waited for, where that had its time; a client that left does not. Neither
 * tells whether the peer can be connected to.
 */
export function noteStop(peer: Peer, { reason }: ProxyError, { askedMs, nowMs, patienceMs }: Wait): void {
  if (REASONS[reason].source !== 'peer' || nowMs - askedMs < patienceMs - SPARE_MS) return;
  peer.failed(reason, nowMs, peer.isUnreached);
}
