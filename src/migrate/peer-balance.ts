/**
 * Options of `cache_peer` that share requests out among parents, bound them and keep connections ready. Squid asks the kinds in a fixed order and takes the first that any
 * parent has; Weir has one way for all peers of a route.
 */
import type { Balance } from '#peer/options.ts';
import type { Value } from './draft.ts';

interface Kind {
  readonly option: string;
  readonly balance: Balance;
  /** What is not the same, where something is not. */
  readonly remark?: string;
}

/** In Squid's order. */
const KINDS: readonly Kind[] = [
  { option: 'sourcehash', balance: 'sourceHash' },
  {
    option: 'userhash',
    balance: 'sourceHash',
    remark: 'userhash goes by the user, Weir by the address of the client',
  },
  { option: 'carp', balance: 'domainHash', remark: 'carp goes by the URL, Weir by its host' },
  { option: 'round-robin', balance: 'roundRobin' },
  {
    option: 'weighted-round-robin',
    balance: 'roundRobin',
    remark: 'weighted-round-robin goes by the time that parents take, Weir by weight alone',
  },
];

const WEIGHT = /^weight=([1-9]\d{0,2}|1000)$/;
const STANDBY = /^standby=([1-9]\d{0,2}|1000)$/;
const MAX_CONN = /^max-conn=([1-9]\d{0,5}|1000000)$/;

/** Which of the kinds comes first in Squid; undefined: none is asked for. */
export function rankOf(options: readonly string[]): number | undefined {
  const rank = KINDS.findIndex(({ option }) => options.includes(option));
  return rank < 0 ? undefined : rank;
}

/** How a route goes about its peers, of which each has a rank or none. */
export function balanceOf(ranks: readonly (number | undefined)[]): Balance {
  const first = Math.min(...ranks.map((rank) => rank ?? KINDS.length));
  return KINDS[first]?.balance ?? 'failover';
}

/** Whether an option of `cache_peer` is said by {@link balanceKeys} or {@link balanceOf}. */
export function isBalanceOption(option: string): boolean {
  const isNumber = [WEIGHT, MAX_CONN, STANDBY, /^standby=0$/].some((pattern) => pattern.test(option));
  return isNumber || KINDS.some((kind) => kind.option === option);
}

/** Keys of the peer that say what its options do. */
export function balanceKeys(options: readonly string[]): Readonly<Record<string, Value>> {
  const weight = numberIn(options, WEIGHT);
  const maxTunnels = numberIn(options, MAX_CONN);
  const standby = numberIn(options, STANDBY);
  return {
    ...(weight === undefined || weight === 1 ? {} : { weight }),
    ...(maxTunnels === undefined ? {} : { maxTunnels }),
    ...(standby === undefined ? {} : { standby }),
  };
}

/** What is not the same as in Squid. */
export function balanceRemarks(options: readonly string[]): readonly string[] {
  const kinds = KINDS.filter(({ option }) => options.includes(option));
  const remarks = kinds.flatMap(({ remark }) => remark ?? []);
  if (numberIn(options, MAX_CONN) === undefined) return remarks;
  return [
    ...remarks,
    'max-conn counts the connections of each worker, idle ones too; maxTunnels counts tunnels and requests of the host',
  ];
}

function numberIn(options: readonly string[], pattern: RegExp): number | undefined {
  const text = options.map((option) => pattern.exec(option)?.[1]).find((found) => found !== undefined);
  return text === undefined ? undefined : Number(text);
}
