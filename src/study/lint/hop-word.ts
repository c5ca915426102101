/** Whether tier 2 believes what tier 1 says of its clients, and tier 1 says what tier 2 would believe. */
import type { Config } from '#config/config.ts';
import { hasKeyOf } from '../hop-terms.ts';
import type { Remark } from './finding.ts';
import type { HopRemark, Way } from './hop-way.ts';

/** One remark at most: where one side is silent, keys do not matter. */
export function lintWord(ways: readonly Way[], first: Config, second: Config): HopRemark[] {
  const { trustFrom, verify } = second.hop;
  const { assert } = first.hop;
  const [way] = ways;
  if (way === undefined) return [];
  if (trustFrom !== undefined && !way.peer.hop) return [ofFirst(notAHop(way.peer.name))];
  if (verify !== undefined && assert === undefined) return [ofFirst(silent())];
  if (assert === undefined) return [];
  if (verify === undefined) return [{ remark: unheard(trustFrom !== undefined), isOfFirst: false }];
  if (hasKeyOf(verify, assert)) return [];
  return [ofFirst(unknownKey(assert.keys.some(({ kid }) => isIn(verify.keys, kid))))];
}

function ofFirst(remark: Remark): HopRemark {
  return { remark, isOfFirst: true };
}

function isIn(keys: readonly { readonly kid: string }[], kid: string): boolean {
  return keys.some((key) => key.kid === kid);
}

function notAHop(name: string): Remark {
  return {
    code: 'hop-not-told',
    path: ['peers', name],
    message: `Tier 2 believes hops of ours (hop.trust), and tier 1 does not know peer "${name}" for one, so that it tells it no transaction id and nothing of its clients`,
    fix: 'Write "hop: true" for the peer, if it is a Weir',
  };
}

function silent(): Remark {
  return {
    code: 'word-on-one-side',
    path: ['hop'],
    message:
      'Tier 2 would believe what tier 1 says of its clients (hop.trust.keyFiles), and tier 1 says nothing',
    fix: 'Write hop: { assert: { keyFile } } in tier 1, or take keyFiles out of tier 2',
  };
}

function unheard(isTrusted: boolean): Remark {
  const lacks = isTrusted ? 'hop.trust of tier 2 has no keyFiles' : 'tier 2 has no hop.trust';
  return {
    code: 'word-on-one-side',
    path: ['hop'],
    message: `Tier 1 says who its clients are (hop.assert), and ${lacks}, so that nobody believes it`,
    fix: 'Write hop: { trust: { from, keyFiles, audience } } in tier 2, or take hop.assert out of tier 1',
  };
}

/** @param isBehind whether a later key in the file of tier 1 is known */
function unknownKey(isBehind: boolean): Remark {
  const hint = isBehind ? '. Another key in that file is known: the first one signs' : '';
  return {
    code: 'hop-key-unknown',
    path: ['hop', 'assert', 'keyFile'],
    message: `The key by which tier 1 signs is in none of hop.trust.keyFiles of tier 2, so that every request is refused (assertion_refused)${hint}`,
    fix: 'Put the first line of that file into a file of keyFiles; then wait until tier 2 has read it, and let tier 1 sign by it',
  };
}
