/**
 * Cuts the dimensions of requests: which there are, in which order, and by which lists of the ACLs. What is no list of things
 * (an expression, a field, who the client is) cannot be cut; it becomes a dimension of its own, with the three answers that the
 * matcher can give.
 */
import type { AclOptions } from '#match/acl.ts';
import { partitionAddresses } from './addresses.ts';
import { type Answer, type Axes, type Axis, answerId, type Hop, OPAQUE, type Opaque } from './axis.ts';
import { partitionHosts } from './hosts.ts';
import { partitionMoments } from './moments.ts';
import { findOpaque } from './opaque.ts';
import type { Partition } from './partition.ts';
import { partitionLine } from './spans.ts';
import { NOT_CONNECT, partitionMethods, partitionWords } from './words.ts';

/** Documentation addresses (RFC 5737, RFC 3849): nobody's. */
const CLIENTS = ['192.0.2.1', '2001:db8::1'];
const DESTINATIONS = ['198.51.100.1', '2001:db8:1::1'];
const PORTS = [443n, 80n];
const EVERY_PORT = { first: 1n, last: 65_535n };
const NONE: ReadonlySet<number> = new Set();

/** Cuts every dimension by everything in the policies that divides it. */
export function axesOf(hops: readonly Hop[], nowMs: number): Axes {
  return new Cutter(hops).cut(nowMs);
}

interface Entry<K extends keyof AclOptions> {
  readonly id: string;
  readonly value: NonNullable<AclOptions[K]>;
}

/** Cuts one dimension after another; the ones that divide requests the least come first. */
class Cutter {
  readonly #hops: readonly Hop[];
  readonly #sizes: number[] = [];
  readonly #answers = new Map<string, Answer>();

  constructor(hops: readonly Hop[]) {
    this.#hops = hops;
  }

  cut(nowMs: number): Axes {
    const listeners = this.#hops.map((hop, number) => this.#cutListeners(hop, number));
    const method = this.#cutMethods();
    const port = this.#cutPorts();
    const time = this.#cutTime(nowMs);
    const clients = this.#hops.map((hop, number) => this.#cutClients(hop, number));
    const host = this.#cutHosts();
    const destination = this.#cutDestinations();
    return {
      sizes: this.#sizes,
      answers: this.#answers,
      listeners,
      clients: clients.map(({ axis }) => axis),
      method,
      port,
      time: time.axis,
      host,
      destination,
      opaque: this.#cutRest(),
      fromSources: clients.map(({ fromSources }) => fromSources),
      before: time.before,
    };
  }

  #cutListeners({ listeners }: Hop, number: number): Axis<string> {
    const lists = this.#entries('listeners', number);
    const partition = partitionWords(
      listeners,
      lists.map(({ value }) => value),
    );
    return this.#add(lists, partition);
  }

  #cutMethods(): Axis<string> {
    const lists = this.#entries('methods');
    // A target with a scheme is what every other method has.
    const schemes = this.#entries('schemes').map(({ id }) => ({ id, value: NOT_CONNECT }));
    const all = [...lists, ...schemes];
    return this.#add(all, partitionMethods(all.map(({ value }) => value)));
  }

  #cutPorts(): Axis<bigint> {
    const lists = this.#entries('ports');
    const spans = lists.map(({ value }) =>
      value.map(({ first, last }) => ({ first: BigInt(first), last: BigInt(last) })),
    );
    return this.#add(lists, partitionLine({ spans: [EVERY_PORT], preferred: PORTS }, spans));
  }

  #cutTime(nowMs: number): { axis: Axis<number>; before: Map<number, ReadonlySet<number>> } {
    const windows = this.#entries('time');
    const rules = this.#hops.flatMap(({ policy }) => policy.access);
    const ends = [...new Set(rules.flatMap((rule) => rule.until ?? []))];
    const partition = partitionMoments(nowMs, { windows: windows.map(({ value }) => value), ends });
    const before = new Map(ends.map((end, index) => [end, holdsOf(partition, windows.length + index)]));
    return { axis: this.#add(windows, partition), before };
  }

  #cutClients(
    { sources = [] }: Hop,
    number: number,
  ): { axis: Axes['clients'][number]; fromSources: ReadonlySet<number> } {
    const lists = this.#entries('src', number);
    const partition = partitionAddresses([...lists.map(({ value }) => value), sources], CLIENTS);
    return { axis: this.#add(lists, partition), fromSources: holdsOf(partition, lists.length) };
  }

  #cutHosts(): Axis<string | undefined> {
    const lists = this.#entries('dstDomains');
    const { samples, holds } = partitionHosts(lists.map(({ value }) => value));
    const unknown = new Set([samples.length]);
    return this.#add(lists, { samples: [...samples, undefined], holds }, { unknown });
  }

  #cutDestinations(): Axes['destination'] {
    const lists = this.#entries('dst');
    const { samples, holds } = partitionAddresses(
      lists.map(({ value }) => value),
      DESTINATIONS,
    );
    const pending = new Set([samples.length]);
    return this.#add(lists, { samples: [...samples, undefined], holds }, { pending });
  }

  #cutRest(): Opaque[] {
    return findOpaque(this.#hops).map(({ key, places }) => {
      const dimension = this.#sizes.push(3) - 1;
      const answer = {
        dimension,
        holds: new Set([OPAQUE.True]),
        unknown: new Set([OPAQUE.Unknown]),
        pending: NONE,
      };
      for (const { hop, acl } of places) this.#answers.set(answerId(hop, acl, key), answer);
      return { dimension, key, places };
    });
  }

  /** What all ACLs have under the key, or those of one hop. */
  #entries<K extends keyof AclOptions>(key: K, only?: number): Entry<K>[] {
    return this.#hops.flatMap(({ policy }, hop) => {
      if (only !== undefined && only !== hop) return [];
      return Object.entries(policy.acls).flatMap(([acl, { [key]: value }]) =>
        value === undefined ? [] : [{ id: answerId(hop, acl, key), value }],
      );
    });
  }

  #add<V>(
    entries: readonly { readonly id: string }[],
    partition: Partition<V>,
    { unknown = NONE, pending = NONE }: Partial<Answer> = {},
  ): Axis<V> {
    const { samples } = partition;
    const dimension = this.#sizes.push(samples.length) - 1;
    for (const [index, { id }] of entries.entries()) {
      this.#answers.set(id, { dimension, holds: holdsOf(partition, index), unknown, pending });
    }
    return { dimension, samples };
  }
}

/** The classes for which a matcher that the partition was made by holds. */
function holdsOf({ holds }: Partition<unknown>, matcher: number): ReadonlySet<number> {
  return holds[matcher] as ReadonlySet<number>;
}
