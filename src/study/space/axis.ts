/**
 * Dimensions of requests to one policy, or to two in a chain: their classes, and what each matcher of each ACL says of them.
 */
import type { PolicyOptions } from '#acl/policy.ts';
import type { IpAddress, Network } from '#net/ip.ts';

/** A policy where it stands in the chain. */
export interface Hop {
  readonly policy: PolicyOptions;
  readonly listeners: readonly string[];
  /** Networks that clients are divided by, besides those of the policy. */
  readonly sources?: readonly Network[] | undefined;
}

/** What a matcher says, by classes of one dimension; it is false for the rest. */
export interface Answer {
  readonly dimension: number;
  readonly holds: ReadonlySet<number>;
  readonly unknown: ReadonlySet<number>;
  readonly pending: ReadonlySet<number>;
}

/** A dimension, with a member of each class. */
export interface Axis<V> {
  readonly dimension: number;
  readonly samples: readonly V[];
}

/** A matcher that is not understood, only that it is the same wherever it is written the same. */
export interface Opaque {
  readonly dimension: number;
  readonly key: string;
  /** The ACLs that have it, by hop and name. */
  readonly places: readonly Place[];
}

export interface Place {
  readonly hop: number;
  readonly acl: string;
}

export interface Axes {
  /** Classes of each dimension. */
  readonly sizes: readonly number[];
  /** By {@link answerId}. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** By hop, as the next. */
  readonly listeners: readonly Axis<string>[];
  readonly clients: readonly Axis<IpAddress>[];
  readonly method: Axis<string>;
  readonly port: Axis<bigint>;
  readonly time: Axis<number>;
  /** Undefined: the host is an address, which is the destination. */
  readonly host: Axis<string | undefined>;
  /** Undefined: the host is not resolved. */
  readonly destination: Axis<IpAddress | undefined>;
  readonly opaque: readonly Opaque[];
  /** By hop: clients from its `sources`. */
  readonly fromSources: readonly ReadonlySet<number>[];
  /** By each moment at which a rule ends, in milliseconds since the epoch: what is before it. */
  readonly before: ReadonlyMap<number, ReadonlySet<number>>;
}

/** Answers of an opaque matcher, as classes; what needs nothing from the client first. */
export const OPAQUE = { Unknown: 0, False: 1, True: 2 } as const;

/** Names an answer: of a key, of an ACL, at a hop. */
export function answerId(hop: number, acl: string, key: string): string {
  return `${hop}/${acl}/${key}`;
}
