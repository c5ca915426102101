/**
 * Counts the connections that this process opened and closed, each exactly once. Tests hold the difference to zero; the
 * metric `weir_connections_open` reads the clients' side.
 */
export type LedgerSide = 'client' | 'upstream';

/** Where a connection is counted, and told once that it has closed. */
export interface Account {
  countClosed(): void;
}

export class Ledger {
  readonly opened: Record<LedgerSide, number> = { client: 0, upstream: 0 };
  readonly closed: Record<LedgerSide, number> = { client: 0, upstream: 0 };
  /** Of connections to next hops. */
  readonly upstream: Account = { countClosed: () => this.countClosed('upstream') };

  countOpened(side: LedgerSide): void {
    this.opened[side] += 1;
  }

  countClosed(side: LedgerSide): void {
    this.closed[side] += 1;
  }

  /** Connections open now. */
  open(side: LedgerSide): number {
    return this.opened[side] - this.closed[side];
  }
}
