/** What is told of a peer: to other processes of this host, to metrics and to the log. */
import type { Reason } from '#errors.ts';

/** How a peer does, as processes tell each other. */
export interface PeerReport {
  readonly name: string;
  /** Faults in a row, 0 for up. */
  readonly failures: number;
  /** How long it is left alone for being an outlier; 0: it is not. */
  readonly ejectedMs: number;
  /** Whether it is so though it may succeed at times. */
  readonly stands: boolean;
  /** Whether it could not be connected to when it was tried last. */
  readonly isUnreached: boolean;
  /** The last fault of all. */
  readonly reason?: Reason | undefined;
}

/** How a peer was found, by whatever process of this host. */
interface PeerFinding {
  readonly peer: string;
  readonly address: string;
  readonly isUp: boolean;
  /** Faults in a row before, 0 for up. */
  readonly before: number;
  /** Its last fault. */
  readonly reason: Reason | undefined;
}

/** Who wants to know how peers do. */
export interface PeerWatch {
  /** Told of every fault, for metrics. */
  readonly onFault?: (peer: string, reason: Reason) => void;
  /** Told when the peer went down, was tried again in vain, was ejected, or came up. */
  readonly onHealth?: ((report: PeerReport) => void) | undefined;
  /** Told of each ejection that this process has found to be due. */
  readonly onEjected?: ((peer: string, forMs: number, reason: Reason) => void) | undefined;
  /** Told what `onHealth` is, and what another process has told as well. */
  readonly onFound?: ((finding: PeerFinding) => void) | undefined;
}
