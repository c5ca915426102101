/**
 * Whether tier 2 takes what tier 1 says and shows to its peers: TLS, certificates, keys, addresses, times. What is wrong with every
 * peer that may be tier 2 cannot work; what is wrong with one of them may be right for another machine, with a file of its own.
 */
import type { Config } from '#config/config.ts';
import type { Network } from '#net/ip.ts';
import { spanOf } from '../space/addresses.ts';
import type { Remark } from './finding.ts';
import { lintSecurity } from './hop-tls.ts';
import { FIRST_TWO, type HopRemark, type TierNumbers, type Way, waysBetween } from './hop-way.ts';
import { lintWord } from './hop-word.ts';

export interface Tiers {
  readonly first: Config;
  readonly second: Config;
  /** Tier 1's addresses as tier 2 sees them. @default what tier 2 trusts as a hop */
  readonly via: readonly Network[] | undefined;
  /** @default that no tier is ahead of the first */
  readonly numbers?: TierNumbers;
}

/** Remarks about the two, of which the first sends to the second. */
export function lintHops(tiers: Tiers): HopRemark[] {
  const { first, second, numbers = FIRST_TWO } = tiers;
  const ways = waysBetween(first, second, numbers);
  const ofPeers = ways.map((way) => [...lintSecurity(way), ...lintAudience(way, second)]);
  return [
    ...unlessOfOthers(ofPeers).map((remark) => ({ remark, isOfFirst: true })),
    ...lintWord(ways, first, second),
    ...lintPatience(first, second, numbers),
    ...lintHeaders(ways, tiers, numbers),
  ];
}

/** Remarks by peer. Where there is nothing wrong with one of them, what is wrong with others may be right. */
function unlessOfOthers(ofPeers: readonly (readonly Remark[])[]): Remark[] {
  const remarks = ofPeers.flat();
  if (ofPeers.every(({ length }) => length > 0)) return remarks;
  return remarks.map((remark) => ({
    ...remark,
    code: 'peer-does-not-fit',
    fix: `${remark.fix}. Where that peer is a machine with a file of its own, check that file`,
  }));
}

function lintAudience({ peer, numbers: [one, two] }: Way, { hop }: Config): Remark[] {
  const { name, address } = peer;
  if (hop.verify === undefined || !peer.hop || hop.verify.audience.includes(address.text)) return [];
  return [
    {
      code: 'not-in-audience',
      path: ['peers', name, 'address'],
      message: `Tier ${one} dials peer "${name}" as "${address.text}", which is not in hop.trust.audience of tier ${two}, so that what it says of its clients is refused`,
      fix: `Add "${address.text}" to hop.trust.audience of tier ${two}`,
    },
  ];
}

/** Tier 1 has to wait for tier 2 to say what is wrong. */
function lintPatience(
  { timeouts: { establish } }: Config,
  { timeouts }: Config,
  [one, two]: TierNumbers,
): HopRemark[] {
  if (establish > timeouts.establish) return [];
  const [own, theirs] = [establish, timeouts.establish].map((ms) => `${ms / 1000} s`);
  const remark: Remark = {
    code: 'impatient-tier-1',
    path: ['timeouts', 'establish'],
    message: `Tier ${one} gives up after ${own}, and tier ${two} only after ${theirs}, so that why it failed is lost`,
    fix: `Make timeouts.establish of tier ${one} longer by two seconds than that of tier ${two}`,
  };
  return [{ remark, isOfFirst: true }];
}

/** A balancer between the tiers would send the header. Nobody can tell from here, but for networks that are tier 1's as well. */
function lintHeaders(ways: readonly Way[], { second, via }: Tiers, [one]: TierNumbers): HopRemark[] {
  const sources = via ?? trustedNetworks(second);
  const dialled = new Set(ways.flatMap(({ doors }) => doors));
  return [...dialled].flatMap(({ name, proxyProtocol }) => {
    const from = proxyProtocol?.from ?? [];
    const source = sources.find((each) => from.some((network) => isWithin(each, network)));
    if (source === undefined) return [];
    const index = second.listeners.findIndex((listener) => listener.name === name);
    const remark: Remark = {
      code: 'proxy-header-wanted',
      path: ['listeners', index, 'proxyProtocol', 'from'],
      message: `Listener "${name}" closes what comes from ${source.text} without a PROXY header, and tier ${one} comes from there and sends none`,
      fix: `Name only the load balancers, or let tier ${one} dial them`,
    };
    return [{ remark, isOfFirst: false }];
  });
}

function isWithin(inner: Network, outer: Network): boolean {
  const [part, whole] = [spanOf(inner), spanOf(outer)];
  return part.first >= whole.first && part.last <= whole.last;
}

/** Those of the ACLs that `hop.trust.from` names; a negated one says only where tier 1 does not come from. */
function trustedNetworks({ hop, policy }: Config): readonly Network[] {
  const { trustFrom = [] } = hop;
  return Object.entries(policy.acls).flatMap(([name, { src = [] }]) => (trustFrom.includes(name) ? src : []));
}
