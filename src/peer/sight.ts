/** What looks at a peer have found out of it (probe.ts); undefined: nobody knows. */
export interface PeerSight {
  /** It can be connected to and, where it is a Weir of ours, answers. */
  readonly reachable: boolean | undefined;
  /** It takes us for who we are and lets us ask. */
  readonly authorised: boolean | undefined;
  /** The target of its canary can be reached through it. */
  readonly egress: boolean | undefined;
}

export const UNSEEN: PeerSight = { reachable: undefined, authorised: undefined, egress: undefined };

/** Of a peer that cannot be reached: what it did before it may do no more, and of what it does nothing can be told. */
export const GONE: PeerSight = { ...UNSEEN, reachable: false };
