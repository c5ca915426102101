/**
 * All requests that one policy, or two in a chain, can be asked about, as regions; and back from a member of a region to what
 * the policies are really asked.
 */
import type { PolicyOptions } from '#acl/policy.ts';
import type { Subject } from '#match/subject.ts';
import { hostPort } from '#net/authority.ts';
import { hostOf, parseHost } from '#net/host.ts';
import type { IpAddress } from '#net/ip.ts';
import { axesOf } from './axes.ts';
import { type Axes, type Axis, answerId, type Hop, OPAQUE, type Opaque } from './axis.ts';
import { EVERYTHING, NOTHING, type Region, Regions } from './regions.ts';

/** What an ACL says, by region; it is unknown in the rest. */
export interface AclRegions {
  readonly isTrue: Region;
  readonly isFalse: Region;
  readonly isPending: Region;
}

/** Seconds of work, at most. */
const BUDGET = 40_000_000;

export class Space {
  readonly regions: Regions;
  readonly hops: readonly Hop[];
  /** Requests that can be: the destination of a host that is an address is that address. */
  readonly possible: Region;
  /** Requests whose destination is known. */
  readonly resolved: Region;
  readonly trace: Region;
  readonly gets: Region;
  readonly #axes: Axes;

  /** @param nowMs in milliseconds since the epoch; time is looked at from there on */
  constructor(hops: readonly Hop[], nowMs: number, budget = BUDGET) {
    this.hops = hops;
    this.#axes = axesOf(hops, nowMs);
    this.regions = new Regions(this.#axes.sizes, budget);
    const { host, destination, method } = this.#axes;
    const isAddress = this.#where(host, (name) => name === undefined);
    const isOpen = this.#where(destination, (address) => address === undefined);
    this.resolved = this.regions.minus(EVERYTHING, isOpen);
    this.trace = this.#where(method, (word) => word === 'TRACE');
    this.gets = this.#where(method, (word) => word === 'GET');
    const isConnect = this.#where(method, (word) => word === 'CONNECT');
    this.possible = this.#axes.opaque.reduce(
      (region, opaque) => this.regions.minus(region, this.#impossible(opaque, { isAddress, isConnect })),
      this.regions.minus(EVERYTHING, this.regions.and(isAddress, isOpen)),
    );
  }

  policyAt(hop: number): PolicyOptions {
    return (this.hops[hop] as Hop).policy;
  }

  /** Classes of each dimension. */
  get sizes(): readonly number[] {
    return this.#axes.sizes;
  }

  /** Whether any ACL asks what a name leads to. */
  get usesDestination(): boolean {
    return [...this.#axes.answers.values()].some(({ pending }) => pending.size > 0);
  }

  /** Matchers that are not understood. */
  get opaque(): readonly Opaque[] {
    return this.#axes.opaque;
  }

  /** @throws {OverBudget} */
  acl(hop: number, name: string): AclRegions {
    const { regions } = this;
    const options = Object.entries(this.policyAt(hop).acls[name] ?? {});
    const answers = options.flatMap(([key]) => this.#axes.answers.get(answerId(hop, name, key)) ?? []);
    const slabs = answers.map(({ dimension, holds }) => regions.slab(dimension, holds));
    const notFalse = answers.map(({ dimension, holds, unknown, pending }) =>
      regions.slab(dimension, new Set([...holds, ...unknown, ...pending])),
    );
    const maybe = regions.and(...notFalse);
    const usesDestination = answers.some(({ pending }) => pending.size > 0);
    return {
      isTrue: regions.and(...slabs),
      isFalse: regions.minus(EVERYTHING, maybe),
      // Of unknown and pending, pending wins.
      isPending: usesDestination ? regions.minus(maybe, this.resolved) : NOTHING,
    };
  }

  /** Requests before a moment at which a rule ends. @throws {OverBudget} */
  before(endMs: number): Region {
    const classes = this.#axes.before.get(endMs) as ReadonlySet<number>;
    return this.regions.slab(this.#axes.time.dimension, classes);
  }

  /** Requests that reach the hop from its `sources`. @throws {OverBudget} */
  fromSources(hop: number): Region {
    const axis = this.#axes.clients[hop] as Axis<IpAddress>;
    return this.regions.slab(axis.dimension, this.#axes.fromSources[hop] as ReadonlySet<number>);
  }

  /**
   * Requests of the region, each as what every hop is asked about it. Matchers that are not understood judge them as they
   * will, so that such a request may turn out not to be in the region.
   */
  *requestsIn(region: Region): Generator<readonly Subject[]> {
    const understood = this.#axes.sizes.length - this.#axes.opaque.length;
    for (const member of this.regions.members(region, understood)) yield this.#subjectsOf(member);
  }

  #subjectsOf(member: readonly number[]): Subject[] {
    const { method, port, time, host, destination, listeners, clients } = this.#axes;
    const name = sampleOf(host, member);
    const address = sampleOf(destination, member);
    const target = name === undefined ? hostOf(address as IpAddress) : parseHost(name);
    const authority = hostPort(target.text, Number(sampleOf(port, member)));
    return this.hops.map((_, hop) => ({
      clientAddress: sampleOf(clients[hop] as Axis<IpAddress>, member),
      listener: sampleOf(listeners[hop] as Axis<string>, member),
      method: sampleOf(method, member),
      host: target,
      port: Number(sampleOf(port, member)),
      timeMs: sampleOf(time, member),
      destination: address,
      requestUrl: sampleOf(method, member) === 'CONNECT' ? undefined : urlOf(authority),
      // No more than every request has: a client that says nothing of itself.
      headers: ['Host', authority],
      user: undefined,
      identity: undefined,
      clientCert: undefined,
      sni: undefined,
    }));
  }

  /** An expression for names knows nothing of an address, and one for URLs nothing of a CONNECT. */
  #impossible({ key, dimension }: Opaque, kinds: { isAddress: Region; isConnect: Region }): Region {
    const isKnown = this.regions.slab(dimension, new Set([OPAQUE.False, OPAQUE.True]));
    if (key === 'dstDomainRegex') return this.regions.and(kinds.isAddress, isKnown);
    return key === 'urlRegex' ? this.regions.and(kinds.isConnect, isKnown) : NOTHING;
  }

  #where<V>({ dimension, samples }: Axis<V>, holds: (sample: V) => boolean): Region {
    const classes = [...samples.keys()].filter((index) => holds(samples[index] as V));
    return this.regions.slab(dimension, new Set(classes));
  }
}

/** The URL of the root, its port left out where it is the default. */
export function urlOf(authority: string): string {
  return `http://${authority.replace(/:80$/, '')}/`;
}

function sampleOf<V>({ dimension, samples }: Axis<V>, member: readonly number[]): V {
  return samples[member[dimension] as number] as V;
}
