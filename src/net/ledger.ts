/**
 * Counts the sockets that this process opened and closed, each exactly once. Tests hold the difference to zero; the
 * metric `weir_connections_open` reads the clients' side.
 */
import type { EventEmitter } from 'node:events';

export type LedgerSide = 'client' | 'upstream';

export class Ledger {
  readonly opened: Record<LedgerSide, number> = { client: 0, upstream: 0 };
  readonly closed: Record<LedgerSide, number> = { client: 0, upstream: 0 };

  /** Counts `socket` as opened now, and as closed when it says so. */
  track(side: LedgerSide, socket: EventEmitter): void {
    this.opened[side] += 1;
    this.succeed(side, socket);
  }

  /** Counts only the closing: `socket` took over a connection that was counted before. */
  succeed(side: LedgerSide, socket: EventEmitter): void {
    socket.once('close', () => {
      this.closed[side] += 1;
    });
  }

  /** Sockets open now. */
  open(side: LedgerSide): number {
    return this.opened[side] - this.closed[side];
  }
}
