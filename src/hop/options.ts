/** What the configuration says about what hops of ours tell each other, checked and typed. */
import type { HopKey } from './hop-key.ts';

/** Of a hop that says who its clients are. */
export interface AssertOptions {
  /** The first one signs. */
  readonly keys: readonly HopKey[];
  /** Names of the labels that are told. */
  readonly labels: readonly string[];
}

/** Of a hop that believes that. */
export interface VerifyOptions {
  readonly keys: readonly HopKey[];
  /** Addresses of this hop, as the hops before it dial them. */
  readonly audience: readonly string[];
  /** Where it is kept which assertions were used; undefined: in the process. */
  readonly replayDirectory: string | undefined;
}

export interface HopOptions {
  /** ACLs that must all hold for a client to be a hop of ours; undefined: none is. */
  readonly trustFrom: readonly string[] | undefined;
  /** Undefined: what hops say of their clients is not believed. */
  readonly verify: VerifyOptions | undefined;
  /** Undefined: hops are told nothing of clients. */
  readonly assert: AssertOptions | undefined;
}
