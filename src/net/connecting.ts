/** What a connect leads to, and who hears of its outcome. */

export interface ConnectTarget {
  /** IP address. */
  readonly address: string;
  readonly port: number;
}

/** Told of the outcome of a connect, one of the two and once. */
export interface ConnectObserver {
  onConnect(): void;
  /** Follows its close. */
  onConnectFault(error: Error | undefined): void;
}
