/** Room at a peer, wherever it is counted: in this process, or for all of a host. */
export interface Slots {
  /** Takes one. @returns whether there was one; at once where that is known here */
  take(): boolean | Promise<boolean>;
  giveBack(): void;
}
