/**
 * Names to addresses, once for everybody: configured hosts, the hosts file, the cache, then DNS. TTLs are kept within bounds; there
 * is one query for any number that ask at once; where the name servers fail, what they said last is good for a while longer.
 */
import { ProxyError } from '#errors.ts';
import { orderAddresses } from './address-order.ts';
import { type Answer, AnswerCache, type Good } from './answer-cache.ts';
import { type Failure, NameServers, type Said } from './dns-question.ts';
import type { Host } from './host.ts';
import { HostsFile } from './hosts-file.ts';
import type { IpAddress } from './ip.ts';
import { HOST_ADDRESSES, type HostAddresses } from './own-addresses.ts';

export interface ResolverOptions {
  /** IP addresses, with ports where not 53. Empty: those of the system. */
  readonly servers: readonly string[];
  /** By canonical name; before everything else. */
  readonly hosts: Readonly<Record<string, readonly IpAddress[]>>;
  /** Undefined: none. */
  readonly hostsFile: string | undefined;
  readonly minTtlMs: number;
  readonly maxTtlMs: number;
  /** 0: that a name does not exist is not kept. */
  readonly negativeTtlMs: number;
  /** How long an answer past its TTL may stand in for one that the servers fail to give. 0: not at all. */
  readonly staleTtlMs: number;
  /** For one name altogether. */
  readonly timeoutMs: number;
}

/** How a question was settled, for metrics. */
export type QueryResult = Failure | 'ok' | 'cached' | 'stale' | 'hosts';

export interface ResolverDeps {
  readonly onQuery?: (result: QueryResult) => void;
  /** Monotonic milliseconds above zero; tests pass their own. */
  readonly clock?: { now(): number };
  /** Addresses of this host, which tell in which order to try those of a name. @default those of its interfaces */
  readonly ownAddresses?: Pick<HostAddresses, 'all'>;
}

export interface Resolver {
  /** What {@link resolve} would come to, where that takes no waiting and is no failure; else undefined. */
  known(host: Host): readonly IpAddress[] | undefined;
  /**
   * Every address of the host, never none, in the order in which to try them (those that are configured, as they are written). An IP
   * literal is itself.
   * @throws {ProxyError} `dns_timeout`, or `dns_error` with what the servers said in its detail
   */
  resolve(host: Host): Promise<readonly IpAddress[]>;
  /** Gives up what is under way and forgets what is kept. */
  close(): void;
}

/** Failures that say of the name itself that it leads nowhere, and may be kept for a while. */
const NEGATIVE: ReadonlySet<Failure> = new Set(['nxdomain', 'nodata']);

/** For how long the servers are not asked again about a name, once an answer past its TTL stands in (RFC 8767 section 5: 30 s). */
const STALE_RETRY_MS = 10_000;
/** So long they have to answer before such an answer stands in (RFC 8767 section 5); the query goes on. */
const STALE_WAIT_MS = 1000;

/** Opens a resolver; it holds no socket while nothing is asked. */
export function createResolver(options: ResolverOptions, deps: ResolverDeps = {}): Resolver {
  return new CachingResolver(options, deps);
}

class CachingResolver implements Resolver {
  readonly #options: ResolverOptions;
  readonly #onQuery: (result: QueryResult) => void;
  readonly #ownAddresses: Pick<HostAddresses, 'all'>;
  readonly #servers: NameServers;
  readonly #hosts: ReadonlyMap<string, readonly IpAddress[]>;
  readonly #hostsFile: HostsFile | undefined;
  readonly #cache: AnswerCache;
  readonly #underWay = new Map<string, Promise<Answer>>();

  constructor(options: ResolverOptions, deps: ResolverDeps) {
    const { onQuery = () => {}, clock = performance } = deps;
    this.#options = options;
    this.#onQuery = onQuery;
    this.#ownAddresses = deps.ownAddresses ?? HOST_ADDRESSES;
    this.#servers = new NameServers(options.servers, options.timeoutMs);
    // Not looked up in the record itself: `constructor` is a host name too. Copies, as those of a configuration are frozen (match/acl.ts).
    this.#hosts = new Map(Object.entries(options.hosts).map(([name, addresses]) => [name, [...addresses]]));
    this.#hostsFile = options.hostsFile === undefined ? undefined : new HostsFile(options.hostsFile, clock);
    this.#cache = new AnswerCache(options.staleTtlMs, clock);
  }

  known({ address, text: name }: Host): readonly IpAddress[] | undefined {
    if (address !== undefined) return [address];
    const local = this.#hosts.get(name);
    if (local !== undefined) return this.#local(local);
    const table = this.#hostsFile?.table;
    // Only a fresh table can say that it does not have the name.
    if (this.#hostsFile !== undefined && table === undefined) return undefined;
    const listed = table?.get(name);
    if (listed !== undefined) return this.#local(listed);
    const kept = this.#cache.get(name);
    return kept === undefined || 'failure' in kept.answer ? undefined : this.#recall(kept);
  }

  async resolve(host: Host): Promise<readonly IpAddress[]> {
    if (host.address !== undefined) return [host.address];
    const name = host.text;
    const local = this.#hosts.get(name) ?? (await this.#hostsFile?.addressesOf(name));
    if (local !== undefined) return this.#local(local);
    const kept = this.#cache.get(name);
    return kept === undefined ? addressesIn(await this.#ask(name)) : this.#recall(kept);
  }

  #local(addresses: readonly IpAddress[]): readonly IpAddress[] {
    this.#onQuery('hosts');
    return addresses;
  }

  #recall({ answer, isStale }: Good): readonly IpAddress[] {
    this.#onQuery(isStale ? 'stale' : 'cached');
    return addressesIn(answer);
  }

  close(): void {
    this.#servers.cancel();
    this.#cache.clear();
  }

  /** One query for a name at a time; later ones wait for it. */
  #ask(name: string): Promise<Answer> {
    const pending = this.#underWay.get(name);
    if (pending !== undefined) return pending;
    const query = this.#query(name);
    const patient = this.#cache.canRevive(name) ? this.#unlessSlow(name, query) : query;
    const settled = patient.finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, settled);
    return settled;
  }

  /** What the query comes to, or what stands in for it where that takes too long. The query goes on. */
  async #unlessSlow(name: string, query: Promise<Answer>): Promise<Answer> {
    const { promise: slow, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, STALE_WAIT_MS, undefined);
    const first = await Promise.race([query, slow]);
    clearTimeout(timer);
    return first ?? this.#standIn(name) ?? (await query);
  }

  async #query(name: string): Promise<Answer> {
    const said = await this.#servers.ask(name);
    return 'failure' in said ? this.#failed(name, said) : this.#found(name, said);
  }

  #found(name: string, said: Extract<Said, { ttlMs: number }>): Answer {
    this.#onQuery('ok');
    const addresses = orderAddresses(said.addresses, this.#ownAddresses.all() ?? []);
    const { minTtlMs, maxTtlMs } = this.#options;
    const answer: Answer = { addresses };
    this.#cache.keep(name, answer, Math.max(Math.min(said.ttlMs, maxTtlMs), minTtlMs));
    return answer;
  }

  #failed(name: string, { failure, text }: Extract<Said, { failure: Failure }>): Answer {
    this.#onQuery(failure);
    const reason = failure === 'timeout' ? 'dns_timeout' : 'dns_error';
    const answer = { failure: new ProxyError(reason, { detail: `Cannot resolve "${name}": ${text}` }) };
    if (!NEGATIVE.has(failure)) return this.#standIn(name) ?? answer;
    this.#cache.keep(name, answer, this.#options.negativeTtlMs);
    return answer;
  }

  #standIn(name: string): Answer | undefined {
    const answer = this.#cache.revive(name, STALE_RETRY_MS);
    if (answer !== undefined) this.#onQuery('stale');
    return answer;
  }
}

/** @throws {ProxyError} the failure that stands for the addresses */
function addressesIn(answer: Answer): readonly IpAddress[] {
  if ('failure' in answer) throw answer.failure;
  return answer.addresses;
}
