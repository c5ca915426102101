/**
 * The cases of RFC 9111 through two tiers, where the first keeps answers, or the second, or both: what follows from a MUST holds of all
 * that stand in a row as of one, and a client is served from what any of them keeps.
 */
import t from 'tap';
import { playCases } from '../fixtures/cache/play-cases.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { owned } from '../fixtures/owned.ts';

const CACHED = { access: '[{ name: everything, allow: [all], cache: true }]' };

for (const [where, first, second] of [
  ['the first tier', CACHED, {}],
  ['the second tier', {}, CACHED],
  ['both tiers', CACHED, CACHED],
] as const) {
  t.test(`RFC 9111, case by case, kept by ${where}`, async (t) => {
    // What the first keeps may turn out to be something else than what a 304 speaks of: then it asks again.
    const { port: next } = owned(t, await startSecondTier(second, { mayBeAskedAgain: true }));
    const { port } = owned(t, await startFirstTier([next], first));
    await playCases(t, { port, workers: 1 });
  });
}
