/**
 * What hops of ours tell each other besides requests and answers: a peer its transaction and who asks, a client where the time
 * went. Nobody else is told, and nobody else believed.
 */
import { type Phases, readServerTiming, renderServerTiming } from '#hop/server-timing.ts';
import { linesOf, type RawHeaders } from '#net/headers.ts';
import { connectHead, credentialsFor } from '#peer/connect-head.ts';
import type { PeerOptions } from '#peer/options.ts';
import type { Transaction } from './transaction.ts';

/** Fields for one attempt, flat: by whom we are known to the peer, and what only a hop of ours is told. */
export function fieldsForPeer(tx: Transaction, peer: PeerOptions): string[] {
  return [...fieldsForHop(tx, peer), ...credentialsFor(peer)];
}

/** Our CONNECT to a peer, one attempt. */
export function headForPeer(tx: Transaction, via: string, peer: PeerOptions): string {
  return connectHead(tx.authority, via, fieldsForPeer(tx, peer));
}

function fieldsForHop(tx: Transaction, peer: PeerOptions): string[] {
  if (!peer.hop) return [];
  const { asserter } = tx.generation;
  if (asserter === undefined) return ['Weir-Transaction', tx.id];
  const { identity, assertedIp: address = tx.clientAddress.text } = tx;
  const bound = { target: tx.authority, transaction: tx.id, nowMs: Date.now() };
  const assertion = asserter.assert({ address, identity }, peer.address.text, bound);
  return ['Weir-Transaction', tx.id, 'Weir-Identity', assertion];
}

/** Where the time went at a peer, by its answer to CONNECT. */
export function phasesFrom(peer: PeerOptions, headers: RawHeaders): Phases | undefined {
  return peer.hop ? readServerTiming(headers) : undefined;
}

/** The same of this hop, in lines for the head that opens a tunnel. */
export function phaseLines(tx: Transaction): string {
  const timing = tx.isFromHop ? renderServerTiming(tx) : undefined;
  return timing === undefined ? '' : linesOf(['Server-Timing', timing]);
}
