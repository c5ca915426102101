/** What to check, by where a transaction came to its end; the words of our own reasons are those that clients are shown (hints.ts). */
import { REASONS } from '#errors.ts';
import type { Blame, Place } from './reading.ts';

const CHECKS: Readonly<Record<Place, (hop: string, tier: number) => string>> = {
  verdict: (hop, tier) =>
    `Check the ACL rules of ${hop}, which is tier ${tier}: \`weir explain\` with its file says which condition`,
  next: (hop) =>
    `Check what ${hop} dials next: its peers, the firewall rules between the tiers, and that tier itself`,
  dns: (hop) => `Check the name of the target, and the DNS servers of ${hop}`,
  connect: (hop) => `Check the target, and the outside connection and firewall of ${hop}`,
  answer: () => 'Check the target: it took the connection, and gave no good answer',
};

/** For the one who reads it at tier `blame.tier`, which is called `hop`. */
export function checkFor(blame: Blame, hop: string): string {
  const { place, reason, tier } = blame;
  const general = CHECKS[place](hop, tier);
  if (reason === undefined) return general;
  const hint = REASONS[reason].hint.replace('log of this hop', `log of ${hop}`);
  // What a rule said is found by the rule; what else a tier says of itself, only by the hint.
  const isOfRule = REASONS[reason].source === 'policy' || place !== 'verdict';
  return isOfRule ? `${general}. ${hint}` : hint;
}

/** What is broken, in the terms of the chain. */
export function componentOf({ place, tier }: Blame, hop: string, target: string): string {
  switch (place) {
    case 'verdict':
      return `tier ${tier} (${hop})`;
    case 'next':
      return `the way from tier ${tier} (${hop}) to tier ${tier + 1}`;
    case 'dns':
      return `DNS of the target, as ${hop} asks`;
    case 'connect':
      return `the target ${target}, as ${hop} reaches it`;
    case 'answer':
      return `the target ${target}`;
  }
}
