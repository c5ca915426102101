/** A transaction as its record tells it: every field that there is, at the moment that is recorded. */
import type { Phases } from '#hop/server-timing.ts';
import { type Identity, UNHEARD } from '#match/subject.ts';
import type { Host } from '#net/host.ts';
import type { IpAddress } from '#net/ip.ts';
import type { ClosedBy, RecordEntry, RecordEvent } from '#record/entry.ts';

/** What the record has as it is. */
type Kept = Pick<
  RecordEntry,
  | 'listener'
  | 'assertedIp'
  | 'user'
  | 'url'
  | 'reason'
  | 'status'
  | 'error'
  | 'detail'
  | 'rule'
  | 'reports'
  | 'route'
  | 'peer'
  | 'upstreamIp'
  | 'answers'
  | 'bytesFromClient'
  | 'bytesToClient'
  | 'dnsMs'
  | 'connectMs'
  | 'firstByteMs'
  | 'alpn'
  | 'cache'
>;

/** Of a transaction, what is recorded. */
export interface Recorded extends Kept {
  readonly id: string;
  readonly context: { readonly hop: string };
  readonly generation: { readonly policy: { readonly hash: string } };
  readonly clientAddress: IpAddress;
  readonly connection: { readonly clientPort: number };
  readonly identity: Identity | undefined;
  readonly method: string;
  readonly target: object | undefined;
  readonly host: Host;
  readonly port: number;
  readonly outcome: NonNullable<RecordEntry['outcome']>;
  readonly peerPhases: Phases | undefined;
  readonly sni: Host | undefined;
  readonly closedBy: ClosedBy | undefined;
  elapsedMs(): number;
}

/** The record of `event`, made now. */
export function entryOf(tx: Recorded, event: RecordEvent): RecordEntry {
  const isEnd = event === 'end';
  const hasTarget = tx.target !== undefined;
  return {
    timeMs: Date.now(),
    event,
    hop: tx.context.hop,
    listener: tx.listener,
    transactionId: tx.id,
    clientIp: tx.clientAddress.text,
    clientPort: tx.connection.clientPort,
    namespace: tx.identity?.namespace,
    pod: tx.identity?.pod,
    podUid: tx.identity?.uid,
    serviceAccount: tx.identity?.serviceAccount,
    assertedIp: tx.assertedIp,
    user: tx.user,
    method: tx.method === '' ? undefined : tx.method,
    host: hasTarget ? tx.host.text : undefined,
    port: hasTarget ? tx.port : undefined,
    url: tx.url,
    outcome: isEnd ? tx.outcome : undefined,
    reason: tx.reason,
    status: tx.status,
    error: tx.error,
    detail: tx.detail,
    rule: tx.rule,
    reports: tx.reports,
    policy: tx.generation.policy.hash,
    route: tx.route,
    peer: tx.peer,
    upstreamIp: tx.upstreamIp,
    answers: tx.answers,
    bytesFromClient: tx.bytesFromClient,
    bytesToClient: tx.bytesToClient,
    durationMs: tx.elapsedMs(),
    dnsMs: tx.dnsMs,
    connectMs: tx.connectMs,
    firstByteMs: tx.firstByteMs,
    peerDnsMs: tx.peerPhases?.dnsMs,
    peerConnectMs: tx.peerPhases?.connectMs,
    sni: tx.sni === undefined || tx.sni === UNHEARD ? undefined : tx.sni.text,
    alpn: tx.alpn,
    cache: tx.cache,
    closedBy: isEnd ? tx.closedBy : undefined,
  };
}
