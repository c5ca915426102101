/** Who hears of the outcome of a connect: one of the two, and once. */
export interface ConnectObserver {
  onConnect(): void;
  /** Follows its close. */
  onConnectFault(error: Error | undefined): void;
}
