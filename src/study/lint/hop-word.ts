/** Whether tier 2 believes what tier 1 says of its clients, and tier 1 says what tier 2 would believe. */
import type { Config } from '#config/config.ts';
import { hasKeyOf } from '../hop-terms.ts';
import type { Remark } from './finding.ts';
import type { HopRemark, TierNumbers, Way } from './hop-way.ts';

/** One remark at most: where one side is silent, keys do not matter. */
export function lintWord(ways: readonly Way[], first: Config, second: Config): HopRemark[] {
  const { trustFrom, verify } = second.hop;
  const { assert } = first.hop;
  const [way] = ways;
  if (way === undefined) return [];
  const { peer, numbers } = way;
  if (trustFrom !== undefined && !peer.hop) return [ofFirst(notAHop(peer.name, numbers))];
  if (verify !== undefined && assert === undefined) return [ofFirst(silent(numbers))];
  if (assert === undefined) return [];
  if (verify === undefined) return [{ remark: unheard(trustFrom !== undefined, numbers), isOfFirst: false }];
  if (hasKeyOf(verify, assert)) return [];
  const isBehind = assert.keys.some(({ kid }) => isIn(verify.keys, kid));
  return [ofFirst(unknownKey(isBehind, numbers))];
}

function ofFirst(remark: Remark): HopRemark {
  return { remark, isOfFirst: true };
}

function isIn(keys: readonly { readonly kid: string }[], kid: string): boolean {
  return keys.some((key) => key.kid === kid);
}

function notAHop(name: string, [one, two]: TierNumbers): Remark {
  return {
    code: 'hop-not-told',
    path: ['peers', name],
    message: `Tier ${two} believes hops of ours (hop.trust), and tier ${one} does not know peer "${name}" for one, so that it tells it no transaction id and nothing of its clients`,
    fix: 'Write "hop: true" for the peer, if it is a Weir',
  };
}

function silent([one, two]: TierNumbers): Remark {
  return {
    code: 'word-on-one-side',
    path: ['hop'],
    message: `Tier ${two} would believe what tier ${one} says of its clients (hop.trust.keyFiles), and tier ${one} says nothing`,
    fix: `Write hop: { assert: { keyFile } } in tier ${one}, or take keyFiles out of tier ${two}`,
  };
}

function unheard(isTrusted: boolean, [one, two]: TierNumbers): Remark {
  const lacks = isTrusted ? `hop.trust of tier ${two} has no keyFiles` : `tier ${two} has no hop.trust`;
  return {
    code: 'word-on-one-side',
    path: ['hop'],
    message: `Tier ${one} says who its clients are (hop.assert), and ${lacks}, so that nobody believes it`,
    fix: `Write hop: { trust: { from, keyFiles, audience } } in tier ${two}, or take hop.assert out of tier ${one}`,
  };
}

/** @param isBehind whether a later key in the file of the first is known */
function unknownKey(isBehind: boolean, [one, two]: TierNumbers): Remark {
  const hint = isBehind ? '. Another key in that file is known: the first one signs' : '';
  return {
    code: 'hop-key-unknown',
    path: ['hop', 'assert', 'keyFile'],
    message: `The key by which tier ${one} signs is in none of hop.trust.keyFiles of tier ${two}, so that every request is refused (assertion_refused)${hint}`,
    fix: `Put the first line of that file into a file of keyFiles; then wait until tier ${two} has read it, and let tier ${one} sign by it`,
  };
}
