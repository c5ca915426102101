/** How much work one round is: enough that the kernel's clock, which counts processor time in hundredths of a second, is fine. */

export interface Sizes {
  readonly rounds: number;
  /** Rounds before the first that counts: a proxy in Node gets cheaper until its hot functions are compiled. */
  readonly warmUps: number;
  readonly tunnels: number;
  /** In how many turns of a round they are set up. */
  readonly tunnelLaps: number;
  /** The same for tunnels: what sets them up is compiled for good only after some 20,000. */
  readonly tunnelWarmUps: number;
  readonly bulkBytes: number;
  readonly requests: number;
  /** Requests with a large body. */
  readonly largeRequests: number;
  /** Requests that a cache answers from memory, for a small object and for a large one. */
  readonly hits: number;
  readonly largeHits: number;
  readonly idleLevels: readonly number[];
  readonly latencyTunnels: number;
  readonly openLevels: readonly number[];
  /** Set-ups measured at each of those. */
  readonly tunnelsPerLevel: number;
  readonly domainLevels: readonly number[];
  /** Tunnels one after another over a long way, which take most of their time to wait. */
  readonly distantTunnels: number;
  /** With TLS between the tiers. */
  readonly tlsTunnels: number;
  readonly tlsBytes: number;
  readonly tlsIdleLevels: readonly number[];
}

const GB = 1e9;

/** For numbers that are quoted. */
export const FULL: Sizes = {
  rounds: 5,
  warmUps: 2,
  tunnels: 8000,
  tunnelLaps: 2,
  tunnelWarmUps: 3,
  bulkBytes: 1 * GB,
  requests: 10_000,
  largeRequests: 4000,
  hits: 100_000,
  largeHits: 8000,
  idleLevels: [2000, 8000],
  latencyTunnels: 1000,
  openLevels: [10, 100, 1000, 4000, 8000],
  tunnelsPerLevel: 3000,
  domainLevels: [10, 1000, 100_000, 1_000_000],
  distantTunnels: 40,
  tlsTunnels: 2000,
  tlsBytes: 0.5 * GB,
  tlsIdleLevels: [2000],
};

/** For a look at whether everything runs. */
export const QUICK: Sizes = {
  rounds: 2,
  warmUps: 1,
  tunnels: 500,
  tunnelLaps: 1,
  tunnelWarmUps: 1,
  bulkBytes: 0.2 * GB,
  requests: 1000,
  largeRequests: 400,
  hits: 3000,
  largeHits: 800,
  idleLevels: [8000],
  latencyTunnels: 200,
  openLevels: [10, 100, 8000],
  tunnelsPerLevel: 500,
  domainLevels: [10, 100_000],
  distantTunnels: 10,
  tlsTunnels: 300,
  tlsBytes: 0.1 * GB,
  tlsIdleLevels: [500],
};

/** For the comparison with the baseline: many short rounds. Of eleven, two spoiled ones change no verdict. */
export const GUARD: Sizes = {
  ...FULL,
  rounds: 11,
  warmUps: 2,
  tunnels: 2000,
  tunnelLaps: 1,
  tunnelWarmUps: 4,
  bulkBytes: 0.8 * GB,
  requests: 3000,
};
