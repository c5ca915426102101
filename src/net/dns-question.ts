/**
 * One question to the name servers: A and AAAA of an absolute name at once, with what each answer or failure means. Knows no
 * cache. Over TCP where an answer does not fit, which c-ares sees to.
 */
import dns from 'node:dns/promises';
import { type IpAddress, parseIp } from './ip.ts';

/** What became of a question that got no address; the worst first, for it is worth asking again but for the last two. */
export type Failure = 'timeout' | 'servfail' | 'error' | 'nxdomain' | 'nodata';

/** What the servers said: addresses, IPv4 first, or why there are none. */
export type Said =
  | { readonly addresses: readonly IpAddress[]; readonly ttlMs: number }
  | { readonly failure: Failure; readonly text: string };

/**
 * How long the other family may come after the one that has come with addresses (RFC 8305 section 3). It may add to it but must not
 * hold it up, as where a resolver drops what it does not know.
 */
const RESOLUTION_DELAY_MS = 50;

/** Addresses that are kept of one family's answer: over TCP thousands would fit into it. */
const MAX_ADDRESSES = 32;

interface AddressRecord {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

/** What one family's query came to: records, or none and the reason. */
interface Part {
  readonly family: 4 | 6;
  readonly records: readonly AddressRecord[];
  readonly code: string;
}

/** Codes of Node, the worst first. */
const CODES: Readonly<Record<string, { readonly failure: Failure; readonly text: string }>> = {
  ETIMEOUT: { failure: 'timeout', text: 'no answer in time' },
  ESERVFAIL: { failure: 'servfail', text: 'SERVFAIL' },
  EREFUSED: { failure: 'error', text: 'REFUSED' },
  EFORMERR: { failure: 'error', text: 'FORMERR' },
  ENOTIMP: { failure: 'error', text: 'NOTIMP' },
  ENOTFOUND: { failure: 'nxdomain', text: 'NXDOMAIN' },
  ENODATA: { failure: 'nodata', text: 'NODATA' },
};

export class NameServers {
  readonly #dns: dns.Resolver;
  readonly #timeoutMs: number;

  /** `servers` as in Node; empty: those of the system. `timeoutMs`: for one name altogether. */
  constructor(servers: readonly string[], timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    // Two tries for each server share the time; the timers below bound the whole.
    const timeout = Math.ceil(timeoutMs / 2);
    this.#dns = new dns.Resolver({ timeout, tries: 2, maxTimeout: timeout });
    if (servers.length > 0) this.#dns.setServers(servers);
  }

  /** Asks for both families of a canonical name. Never rejects. */
  async ask(name: string): Promise<Said> {
    const ms = this.#timeoutMs;
    // The dot keeps the question absolute: no search list, whatever the system is set to.
    const a = within(ms, 4, partOf(4, this.#dns.resolve4(`${name}.`, { ttl: true })));
    const aaaa = within(ms, 6, partOf(6, this.#dns.resolve6(`${name}.`, { ttl: true })));
    const first = await Promise.race([a, aaaa]);
    const [family, other] = first.family === 4 ? ([6, aaaa] as const) : ([4, a] as const);
    const second = await (first.records.length > 0 ? within(RESOLUTION_DELAY_MS, family, other) : other);
    const records = [...recordsOf(4, first, second), ...recordsOf(6, first, second)];
    return records.length > 0 ? found(records) : failed(worse(first.code, second.code));
  }

  /** Gives up what is under way. */
  cancel(): void {
    this.#dns.cancel();
  }
}

function recordsOf(family: 4 | 6, first: Part, second: Part): readonly AddressRecord[] {
  return (first.family === family ? first : second).records.slice(0, MAX_ADDRESSES);
}

function found(records: readonly AddressRecord[]): Said {
  const addresses = records.map(({ address }) => parseIp(address) as IpAddress);
  return { addresses, ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1000 };
}

function failed(code: string): Said {
  return CODES[code] ?? { failure: 'error', text: code };
}

/** Never rejects. */
function partOf(family: 4 | 6, query: Promise<readonly AddressRecord[]>): Promise<Part> {
  return query.then(
    (records) => ({ family, records, code: 'ENODATA' }),
    (error: NodeJS.ErrnoException) => ({ family, records: [], code: String(error.code) }),
  );
}

/** What `part`, which is of that family, comes to, or that it did not come in time. */
async function within(ms: number, family: 4 | 6, part: Promise<Part>): Promise<Part> {
  const { promise: late, resolve } = Promise.withResolvers<Part>();
  const timer = setTimeout(() => resolve({ family, records: [], code: 'ETIMEOUT' }), ms);
  const first = await Promise.race([part, late]);
  clearTimeout(timer);
  return first;
}

/** Of two failures the one that says more: that one family is not there is no reason to forget that the other timed out. */
function worse(one: string, other: string): string {
  const known = Object.keys(CODES);
  return known.indexOf(one) <= known.indexOf(other) ? one : other;
}
