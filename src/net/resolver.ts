/**
 * Names to addresses, once for everybody: configured hosts, the hosts file, the cache, then DNS. Absolute names only, never
 * a search list; A and AAAA in parallel; TTLs kept within bounds; one query for any number that ask at once.
 */
import dns from 'node:dns/promises';
import { LRUCache } from 'lru-cache';
import { ProxyError } from '#errors.ts';
import type { Host } from './host.ts';
import { HostsFile } from './hosts-file.ts';
import { type IpAddress, parseIp } from './ip.ts';

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
  /** For one name altogether. */
  readonly timeoutMs: number;
}

/** How a question was settled, for metrics. */
export type QueryResult =
  | 'ok'
  | 'nxdomain'
  | 'nodata'
  | 'servfail'
  | 'timeout'
  | 'error'
  | 'cached'
  | 'hosts';

export interface ResolverDeps {
  readonly onQuery?: (result: QueryResult) => void;
  /** Monotonic milliseconds above zero; tests pass their own. */
  readonly clock?: { now(): number };
}

export interface Resolver {
  /** What {@link resolve} would come to, where that takes no waiting and is no failure; else undefined. */
  known(host: Host): readonly IpAddress[] | undefined;
  /**
   * Every address of the host, IPv4 and IPv6 in turn, never none. An IP literal is itself.
   * @throws {ProxyError} `dns_timeout`, or `dns_error` with what the servers said in its detail
   */
  resolve(host: Host): Promise<readonly IpAddress[]>;
  /** Gives up what is under way and forgets what is kept. */
  close(): void;
}

const CACHE_SIZE = 10_000;

/**
 * How long AAAA may come after A. RFC 8305 section 3 has it the other way round; here IPv4 is tried first, so IPv6 may
 * add to it but must not hold it up, as where a resolver drops what it does not know.
 */
const RESOLUTION_DELAY_MS = 50;

/** An answer that is kept: addresses, or the failure that stands for them. */
type Answer = { readonly addresses: readonly IpAddress[] } | { readonly failure: ProxyError };

interface AddressRecord {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

/** What one family's query came to: records, or none and the reason. */
interface Part {
  readonly records: readonly AddressRecord[];
  readonly code: string;
}

/** Codes of Node, the worst first: the name itself may be well, and it is worth trying again, but for the last two. */
const CODES: Readonly<Record<string, { readonly result: QueryResult; readonly text: string }>> = {
  ETIMEOUT: { result: 'timeout', text: 'no answer in time' },
  ESERVFAIL: { result: 'servfail', text: 'SERVFAIL' },
  EREFUSED: { result: 'error', text: 'REFUSED' },
  EFORMERR: { result: 'error', text: 'FORMERR' },
  ENOTIMP: { result: 'error', text: 'NOTIMP' },
  ENOTFOUND: { result: 'nxdomain', text: 'NXDOMAIN' },
  ENODATA: { result: 'nodata', text: 'NODATA' },
};

/** Codes that say of the name itself that it leads nowhere, and may be kept for a while. */
const NEGATIVE: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** Opens a resolver; it holds no socket while nothing is asked. */
export function createResolver(options: ResolverOptions, deps: ResolverDeps = {}): Resolver {
  return new CachingResolver(options, deps);
}

class CachingResolver implements Resolver {
  readonly #options: ResolverOptions;
  readonly #onQuery: (result: QueryResult) => void;
  readonly #dns: dns.Resolver;
  readonly #hosts: ReadonlyMap<string, readonly IpAddress[]>;
  readonly #hostsFile: HostsFile | undefined;
  readonly #cache: LRUCache<string, Answer>;
  readonly #underWay = new Map<string, Promise<Answer>>();

  constructor(options: ResolverOptions, { onQuery = () => {}, clock = performance }: ResolverDeps) {
    this.#options = options;
    this.#onQuery = onQuery;
    // Two tries for each server share the time; the timers below bound the whole.
    const timeout = Math.ceil(options.timeoutMs / 2);
    this.#dns = new dns.Resolver({ timeout, tries: 2, maxTimeout: timeout });
    if (options.servers.length > 0) this.#dns.setServers(options.servers);
    // Not looked up in the record itself: `constructor` is a host name too.
    this.#hosts = new Map(Object.entries(options.hosts));
    this.#hostsFile = options.hostsFile === undefined ? undefined : new HostsFile(options.hostsFile, clock);
    this.#cache = new LRUCache({ max: CACHE_SIZE, ttlResolution: 0, perf: clock });
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
    if (kept === undefined || 'failure' in kept) return undefined;
    this.#onQuery('cached');
    return kept.addresses;
  }

  async resolve(host: Host): Promise<readonly IpAddress[]> {
    if (host.address !== undefined) return [host.address];
    const name = host.text;
    const local = this.#hosts.get(name) ?? (await this.#hostsFile?.addressesOf(name));
    if (local !== undefined) return this.#local(local);
    const kept = this.#cache.get(name);
    if (kept === undefined) return addressesIn(await this.#ask(name));
    this.#onQuery('cached');
    return addressesIn(kept);
  }

  #local(addresses: readonly IpAddress[]): readonly IpAddress[] {
    this.#onQuery('hosts');
    return addresses;
  }

  close(): void {
    this.#dns.cancel();
    this.#cache.clear();
  }

  /** One query for a name at a time; later ones wait for it. */
  #ask(name: string): Promise<Answer> {
    const pending = this.#underWay.get(name);
    if (pending !== undefined) return pending;
    const query = this.#query(name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, query);
    return query;
  }

  async #query(name: string): Promise<Answer> {
    const { timeoutMs } = this.#options;
    // The dot keeps the question absolute: no search list, whatever the system is set to.
    const a = within(timeoutMs, partOf(this.#dns.resolve4(`${name}.`, { ttl: true })));
    const aaaa = within(timeoutMs, partOf(this.#dns.resolve6(`${name}.`, { ttl: true })));
    const four = await a;
    const six = await (four.records.length > 0 ? within(RESOLUTION_DELAY_MS, aaaa) : aaaa);
    const records = interleave(four.records, six.records);
    return records.length > 0 ? this.#found(name, records) : this.#failed(name, worse(four.code, six.code));
  }

  #found(name: string, records: readonly AddressRecord[]): Answer {
    this.#onQuery('ok');
    const addresses = records.map(({ address }) => parseIp(address) as IpAddress);
    const answer: Answer = { addresses: Object.freeze(addresses) };
    const ttlMs = Math.min(...records.map(({ ttl }) => ttl)) * 1000;
    const { minTtlMs, maxTtlMs } = this.#options;
    this.#keep(name, answer, Math.max(Math.min(ttlMs, maxTtlMs), minTtlMs));
    return answer;
  }

  #failed(name: string, code: string): Answer {
    const { result, text } = CODES[code] ?? { result: 'error', text: code };
    this.#onQuery(result);
    const reason = result === 'timeout' ? 'dns_timeout' : 'dns_error';
    const answer = { failure: new ProxyError(reason, { detail: `Cannot resolve "${name}": ${text}` }) };
    if (NEGATIVE.has(code)) this.#keep(name, answer, this.#options.negativeTtlMs);
    return answer;
  }

  /** The cache takes a TTL of 0 for one that never ends. */
  #keep(name: string, answer: Answer, ttl: number): void {
    if (ttl > 0) this.#cache.set(name, answer, { ttl });
  }
}

/** @throws {ProxyError} the failure that stands for the addresses */
function addressesIn(answer: Answer): readonly IpAddress[] {
  if ('failure' in answer) throw answer.failure;
  return answer.addresses;
}

/** Never rejects. */
function partOf(query: Promise<readonly AddressRecord[]>): Promise<Part> {
  return query.then(
    (records) => ({ records, code: 'ENODATA' }),
    (error: NodeJS.ErrnoException) => ({ records: [], code: String(error.code) }),
  );
}

/** What `part` comes to, or that it did not come in time. */
async function within(ms: number, part: Promise<Part>): Promise<Part> {
  const { promise: late, resolve } = Promise.withResolvers<Part>();
  const timer = setTimeout(() => resolve({ records: [], code: 'ETIMEOUT' }), ms);
  const first = await Promise.race([part, late]);
  clearTimeout(timer);
  return first;
}

/** Of two failures the one that says more: that one family is not there is no reason to forget that the other timed out. */
function worse(four: string, six: string): string {
  const known = Object.keys(CODES);
  return known.indexOf(four) <= known.indexOf(six) ? four : six;
}

function interleave<Item>(first: readonly Item[], second: readonly Item[]): Item[] {
  return Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [first[i], second[i]])
    .flat()
    .filter((item) => item !== undefined);
}
