import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { waysBetween } from '#study/lint/hop-way.ts';
import { lintWord } from '#study/lint/hop-word.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';

const RULES = 'acls: { tier_1: { src: [10.0.0.0/8] } }\naccess: [{ name: everything, allow: [tier_1] }]';
const OLD = Buffer.alloc(32, 'abcdef').toString('base64');
const NEW = Buffer.alloc(32, 'fedcba').toString('base64');

interface Sides {
  /** Lines of tier 1's key file; none: it says nothing. */
  readonly signs?: readonly string[];
  /** Lines of tier 2's; none: it believes nothing of clients. */
  readonly believes?: readonly string[];
  readonly isHop?: boolean;
  readonly trusts?: boolean;
}

async function between(t: Test, { signs, believes, isHop = true, trusts = true }: Sides): Promise<string[]> {
  const folder = t.testdir({});
  await writeFile(join(folder, 'one.key'), (signs ?? []).join('\n'));
  await writeFile(join(folder, 'two.key'), (believes ?? []).join('\n'));
  const assert = signs === undefined ? '' : '\nhop: { assert: { keyFile: one.key } }';
  const peers = `peers: { vm: { address: "t2.test:3128", hop: ${isHop} } }`;
  const keys = believes === undefined ? '' : ', keyFiles: [two.key], audience: ["t2.test:3128"]';
  const trust = trusts ? `\nhop: { trust: { from: [tier_1]${keys} } }` : '';
  const first = (await firstTier(`${RULES}\n${peers}${assert}`, folder)).config;
  const second = (await secondTier(`${RULES}${trust}`, folder)).config;
  const found = lintWord(waysBetween(first, second), first, second);
  return found.map(({ remark, isOfFirst }) => `${isOfFirst ? 't1' : 't2'} ${remark.code}: ${remark.message}`);
}

const ROWS: Readonly<Record<string, readonly [sides: Sides, found: RegExp | undefined]>> = {
  'tiers that share a key': [{ signs: [NEW, OLD], believes: [OLD, NEW] }, undefined],
  'tiers that say and believe nothing of clients': [{}, undefined],
  'tiers that know nothing of each other': [{ isHop: false, trusts: false }, undefined],
  'a tier 1 that knows no hop': [{ isHop: false }, /^t1 hop-not-told: .* peer "vm"/],
  'a tier 1 that is silent': [{ believes: [OLD] }, /^t1 word-on-one-side: .* tier 1 says nothing$/],
  'a tier 2 without keys': [{ signs: [OLD] }, /^t2 word-on-one-side: .* hop.trust of tier 2 has no keyFiles/],
  'a tier 2 that trusts nobody': [
    { signs: [OLD], trusts: false },
    /^t2 word-on-one-side: .* tier 2 has no hop.trust, so/,
  ],
  'a key that tier 2 does not have': [
    { signs: [OLD], believes: [NEW] },
    /^t1 hop-key-unknown: .*\(assertion_refused\)$/,
  ],
  'a key that tier 2 does not have yet': [
    { signs: [NEW, OLD], believes: [OLD] },
    /^t1 hop-key-unknown: .* Another key in that file is known: the first one signs$/,
  ],
};

for (const [what, [sides, expected]] of Object.entries(ROWS)) {
  t.test(`lintWord() about ${what}`, async (t) => {
    const found = await between(t, sides);
    t.equal(found.length, expected === undefined ? 0 : 1, found.join('\n'));
    if (expected !== undefined) t.match(found[0], expected);
    for (const secret of [OLD, NEW]) t.notMatch(found.join(), secret);
  });
}

t.test('lintWord() says nothing where no route has peers', async (t) => {
  const tier = (await firstTier(RULES)).config;
  t.same(lintWord([], tier, tier), []);
});
