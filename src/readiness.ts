/** What peers and pods have to do with readiness; with liveness never anything. Peers only where the configuration says so (`admin.readiness`). */
import type { TrailAuditor } from '#audit/auditor.ts';
import type { Config } from '#config/config.ts';
import { areAllDown } from '#peer/all-down.ts';
import type { Peer } from '#peer/peer.ts';

/** What of the cluster is known. */
interface Known {
  /** Whether it was told of all pods once. */
  readonly isSynced: boolean;
  /** Whether who starts still waits for namespaces. */
  readonly namespaces: { readonly isExpected: boolean };
}

/** Why this host should get no traffic, as far as who asks goes: until pods and namespaces are known, all of them are strangers. */
export function podsAtFault({ kubernetes }: Pick<Config, 'kubernetes'>, known: Known): string[] {
  if (kubernetes === undefined) return [];
  return [
    ...(known.isSynced ? [] : ['pods are not known yet']),
    ...(known.namespaces.isExpected ? ['namespaces are not known yet'] : []),
  ];
}

/** Why this host should get no traffic, as far as its peers go. */
export function peersAtFault({ readiness }: Config['admin'], peers: Iterable<Peer>): string[] {
  const isOver = readiness === 'peers' && areAllDown(peers, performance.now());
  return isOver ? ['all peers are down'] : [];
}

/** Why this host is given no traffic: what it would be given could not be put on the audit trail. */
export function auditAtFault(auditor: Pick<TrailAuditor, 'isBlocking'> | undefined): string[] {
  return auditor?.isBlocking === true ? ['the audit trail cannot be written'] : [];
}
