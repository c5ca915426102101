import fc from 'fast-check';
import t from 'tap';
import { type Entrant, hashOf, lotOf } from '#peer/rendezvous.ts';

const KEYS = Array.from({ length: 20_000 }, (_, i) => hashOf(`host-${i}.example`));

function entrant(name: string, weight = 1): Entrant {
  return { seed: hashOf(name), weight };
}

/** Who wins a key. */
function winner(keyHash: number, entrants: readonly Entrant[]): Entrant {
  return entrants.reduce((best, one) => (lotOf(keyHash, one) > lotOf(keyHash, best) ? one : best));
}

/** Share of the keys that each entrant wins. */
function shares(entrants: readonly Entrant[]): readonly number[] {
  const wins = new Map(entrants.map((one) => [one, 0]));
  for (const key of KEYS) {
    const won = winner(key, entrants);
    wins.set(won, (wins.get(won) ?? 0) + 1);
  }
  return entrants.map((one) => (wins.get(one) ?? 0) / KEYS.length);
}

t.test('hashOf() tells texts apart, and is the same in every process', async (t) => {
  t.equal(hashOf('vm-a'), hashOf('vm-a'));
  t.not(hashOf('vm-a'), hashOf('vm-b'));
  t.equal(new Set(KEYS).size > 19_990, true);
});

t.test('lotOf() is never infinite', async (t) => {
  for (const key of KEYS) t.ok(Number.isFinite(lotOf(key, entrant('vm-a'))) || t.fail(String(key)));
});

t.test('Entrants of the same weight win the same share, whatever they are called', async (t) => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9._-]{1,12}$/), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(names, (list) => {
      const even = 1 / list.length;
      return shares(list.map((name) => entrant(name))).every((share) => Math.abs(share - even) < 0.03);
    }),
    { seed: 5, numRuns: 30 },
  );
  t.pass();
});

t.test('An entrant of more weight wins so much more', async (t) => {
  const [a = 0, b = 0, c = 0] = shares([entrant('a', 1), entrant('b', 2), entrant('c', 5)]);
  t.ok(Math.abs(a - 1 / 8) < 0.02, `a ${a}`);
  t.ok(Math.abs(b - 2 / 8) < 0.02, `b ${b}`);
  t.ok(Math.abs(c - 5 / 8) < 0.02, `c ${c}`);
});

t.test('When one goes only its keys move, and they come back with it', async (t) => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9._-]{1,12}$/), { minLength: 3, maxLength: 6 });
  const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(names, weights, fc.nat(5), (list, heavy, gone) => {
      const all = list.map((name, i) => entrant(name, heavy[i] as number));
      const lost = all[gone % all.length] as Entrant;
      const left = all.filter((one) => one !== lost);
      return KEYS.slice(0, 1_000).every((key) => {
        const before = winner(key, all);
        return before === lost || winner(key, left) === before;
      });
    }),
    { seed: 5, numRuns: 50 },
  );
  t.pass();
});
