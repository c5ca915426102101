/** The limits of one configuration, ready to count, and whom each of them counts together. */
import type { Identity } from '#match/subject.ts';
import type { IpAddress } from '#net/ip.ts';
import type { LimitOptions, Resource } from './options.ts';
import type { LimitStore, Quotas } from './quota.ts';

export interface Limit {
  readonly options: LimitOptions;
  readonly quotas: Quotas;
  /** What each transaction takes when it begins, and what one that is to be a tunnel takes; only what is limited. */
  readonly ofRequest: readonly Resource[];
  readonly ofTunnel: readonly Resource[];
}

/** Limits by name. */
export type Limits = ReadonlyMap<string, Limit>;

/** Of a transaction, what tells whose it is. */
export interface Counted {
  readonly clientAddress: IpAddress;
  readonly listener: string;
  readonly user?: string | undefined;
  readonly identity?: Pick<Identity, 'namespace' | 'serviceAccount'> | undefined;
}

/** Opens what `options` name. A limit of `previous` whose settings are the same goes on with its counts. */
export function openLimits(
  options: Readonly<Record<string, LimitOptions>>,
  previous: Limits,
  store: LimitStore,
): Limits {
  const limits = Object.entries(options).map(([name, own]) => {
    const before = previous.get(name);
    const isSame = before !== undefined && idOf(before.options) === idOf(own);
    return [name, isSame ? before : openLimit(own, store)] as const;
  });
  return new Map(limits);
}

/** Tells limits apart whose counts are apart: by all of their settings. */
export function idOf({ name, per, requests, tunnels, bandwidth, bytesPerDay }: LimitOptions): string {
  const rate = requests && [requests.perSecond, requests.burst];
  return JSON.stringify([name, per, rate ?? null, tunnels ?? null, bandwidth ?? null, bytesPerDay ?? null]);
}

function openLimit(options: LimitOptions, store: LimitStore): Limit {
  const asked: readonly Resource[] = ['bytesPerDay', 'requests', 'tunnels'];
  const ofTunnel = asked.filter((resource) => options[resource] !== undefined);
  const ofRequest = ofTunnel.filter((resource) => resource !== 'tunnels');
  return Object.freeze({ options, quotas: store.open(options), ofRequest, ofTunnel });
}

/** The key that a transaction counts under, which the rule of that name allowed. */
export function keyOf({ per }: LimitOptions, counted: Counted, rule: string): string {
  switch (per) {
    case 'source':
      return sourceOf(counted.clientAddress);
    case 'namespace':
      return counted.identity?.namespace ?? '';
    case 'serviceAccount':
      return accountOf(counted.identity);
    case 'user':
      return counted.user ?? '';
    case 'listener':
      return counted.listener;
    case 'rule':
      return rule;
    case 'global':
      return '';
  }
}

/** An account is told by its namespace as well; where that is not known, by its name alone. */
function accountOf(identity: Counted['identity']): string {
  if (identity?.serviceAccount === undefined) return '';
  return `${identity.namespace ?? ''}/${identity.serviceAccount}`;
}

/** One host has as many IPv6 addresses as it likes, all with the same first 64 bits. */
export function sourceOf({ family, w0, w1, text }: IpAddress): string {
  return family === 4 ? text : `${w0}:${w1}`;
}

const SOURCE_IPV6 = /^(\d+):(\d+)$/;

/** Whose a source is: one site may have all IPv6 networks with the same first 48 bits; an IPv4 address is its own. */
export function siteOf(source: string): string {
  const [, w0, w1] = SOURCE_IPV6.exec(source) ?? [];
  return w0 === undefined ? source : `${w0}:${Number(w1) >>> 16}/48`;
}

/** Whose a key of such a limit is; undefined where each is its own. */
export function ownersOf({ per }: LimitOptions): ((key: string) => string) | undefined {
  return per === 'source' ? siteOf : undefined;
}

/** How many keys of a limit are known. */
export interface KeyCount {
  readonly limit: string;
  readonly keys: number;
  /** How often one had to share with others. */
  readonly crowded: number;
}

export function countKeys(limit: string, { size, crowded }: Quotas): KeyCount {
  return { limit, keys: size, crowded };
}

/** Of all limits of a configuration. */
export function keyCounts(limits: Limits): KeyCount[] {
  return [...limits].map(([name, { quotas }]) => countKeys(name, quotas));
}
