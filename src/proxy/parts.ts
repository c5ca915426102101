/** What a running proxy is given by whoever starts it: where records go, what is told of what, and what other processes of the host share. */
import type { DiskParts } from '#cache/backed-store.ts';
import type { Config } from '#config/config.ts';
import type { SocketBudget } from '#net/open-files.ts';
import type { PeerWatch } from '#peer/peer-watch.ts';
import type { Seat } from '#peer/standbys.ts';
import type { PodDirectory } from '#pods/pod-directory.ts';
import type { ProxyContext } from './context.ts';
import type { GenerationParts } from './generation.ts';
import type { TakeSocket } from './listeners.ts';

export interface ProxyParts {
  readonly config: Config;
  readonly log: ProxyContext['log'];
  readonly recorder: ProxyContext['recorder'];
  readonly auditor?: ProxyContext['auditor'];
  readonly openResolver: GenerationParts['openResolver'];
  readonly onPeerFault: NonNullable<PeerWatch['onFault']>;
  /** Told of each peer that is left alone as an outlier. */
  readonly onPeerEjected?: PeerWatch['onEjected'];
  /** Told how peers are found. */
  readonly onPeerFound?: PeerWatch['onFound'];
  /** Told of each second peer of a route that is not tried since too many were. */
  readonly onRetryRefused?: GenerationParts['onRetryRefused'];
  readonly onForgedField: ProxyContext['onForgedField'];
  readonly onAssertion: ProxyContext['onAssertion'];
  readonly onLimitHit: ProxyContext['onLimitHit'];
  readonly onWrongCredentials: ProxyContext['onWrongCredentials'];
  readonly onHandshakeFailed: ProxyContext['onHandshakeFailed'];
  readonly onProbe: ProxyContext['onProbe'];
  /** Told of a client that is nobody who is known, where pods are. */
  readonly onUnknownClient?: ProxyContext['onUnknownClient'];
  /** Told of a connection for which there is no room. */
  readonly onRefusedConnection: () => void;
  /** @default what the limit of open files allows */
  readonly budget?: SocketBudget;
  /** Told what is kept no more, for other processes of this host. */
  readonly onCacheChanged?: ProxyContext['cache']['onChanged'];
  /** What the cache on disk is used by, and waited for. @default the calls of the system, for a second each time */
  readonly diskTools?: Pick<DiskParts, 'calls' | 'maxWaitMs'>;
  /** Told how peers do, for other processes of this host. */
  readonly onPeerHealth?: PeerWatch['onHealth'];
  /** Whether somebody else looks at the peers of this host. @default false */
  readonly areProbedElsewhere?: boolean;
  /** Which of the processes of this host it is, for what they share out. @default the only one */
  readonly seat?: Seat;
  /** Tells this instance in Via; all processes of one host have the same. @default a random one */
  readonly instance?: string;
  /** For tickets of TLS; all processes of one host have the same. @default a random one */
  readonly ticketSecret?: string;
  /** Where limits are counted, for all processes of this host. @default in this process */
  readonly limitStore?: ProxyContext['limitStore'];
  /** What is known of pods. @default nothing */
  readonly pods?: PodDirectory;
  /** Has the cluster watched as a configuration in force says; undefined: it is not. @default somebody else does */
  readonly watchCluster?: (cluster: Config['kubernetes']) => void;
  /** Wall clock by which open tunnels are judged again. @default the system's */
  readonly now?: ProxyContext['now'];
  /** Addresses of this host. @default those that its interfaces have */
  readonly ownHost?: GenerationParts['ownHost'];
  /** Sockets that are bound already, for listeners that are to accept on them. */
  readonly takeSocket?: TakeSocket;
}
