/** The steps behind tier 1's connection, from what one answer tells of the chain: who passed, who did not, and who says nothing. */
import { checkFor, componentOf } from './advice.ts';
import type { Place, Reading } from './reading.ts';
import type { Finding, Walk } from './step.ts';
import type { Target } from './target.ts';

/** Adds the verdict of tier 1 and all up to the target's TCP, or up to where the transaction ended. */
export function addChainSteps(walk: Walk, reading: Reading, target: Target): void {
  const { blame, hops } = reading;
  if (blame === undefined) {
    addOpenChain(walk, reading, target);
    return;
  }
  const { tier, place, said } = blame;
  const name = nameOf(hops, tier);
  const check = checkFor(blame, name);
  const finding = { component: componentOf(blame, name, target.text), detail: said, check };
  for (let passed = 1; passed < tier; passed += 1) addPassed(walk, hops, passed);
  if (place === 'verdict') {
    if (tier > 1) walk.ok(`tier${tier}-reach`, `${name} was reached`);
    walk.failed(`tier${tier}-verdict`, finding);
    return;
  }
  addPassed(walk, hops, tier);
  if (place === 'next') walk.failed(`tier${tier + 1}-reach`, finding);
  else addTarget(walk, place, finding);
}

function nameOf(hops: readonly string[], tier: number): string {
  return hops[tier - 1] ?? `tier ${tier}`;
}

/** A tier that let it pass. */
function addPassed(walk: Walk, hops: readonly string[], tier: number): void {
  const name = nameOf(hops, tier);
  if (tier > 1) walk.ok(`tier${tier}-reach`, `${name} was reached`);
  walk.ok(`tier${tier}-verdict`, `${name} lets it pass`);
}

/** The last tier that told is the last. */
function addTarget(walk: Walk, place: Exclude<Place, 'verdict' | 'next'>, finding: Finding): void {
  if (!walk.has('tier2-reach')) addNoTier2(walk, 'the tier before goes to the target itself');
  if (place === 'dns') {
    walk.failed('target-dns', finding);
    return;
  }
  walk.ok('target-dns', 'the last tier has an address');
  if (place === 'connect') {
    walk.failed('target-tcp', finding);
    return;
  }
  walk.ok('target-tcp', 'the last tier has a connection');
  walk.failed('target-answer', finding);
}

function addNoTier2(walk: Walk, why: string): void {
  walk.unknown('tier2-reach', why);
  walk.unknown('tier2-verdict', why);
}

function addOpenChain(walk: Walk, { hops, nextHop }: Reading, { authority, text }: Target): void {
  const count = Math.max(1, hops.length);
  for (let tier = 1; tier <= count; tier += 1) addPassed(walk, hops, tier);
  if (count === 1) {
    const went =
      nextHop === undefined ? 'tier 1 tells nothing of what is behind it' : `it went on to ${nextHop}`;
    addNoTier2(walk, `${went}; if there is another tier, it let this pass`);
  }
  walk.ok(
    'target-dns',
    authority.host.kind === 'ip' ? 'an address, no name' : 'the last tier has an address',
  );
  walk.ok('target-tcp', `${text} was reached`);
}
