import t from 'tap';
import { Lender } from '#limit/lender.ts';
import type { Ask } from '#limit/lending.ts';
import type { LimitOptions, Resource } from '#limit/options.ts';
import { FakeLimitClock, limitOptions } from '../../fixtures/limits.ts';

type Said = Pick<Ask, 'kind' | 'resource' | 'amount'>;

const take = (resource: Resource, amount: number): Said => ({ kind: 'take', resource, amount });
const giveBack = (resource: Resource, amount: number): Said => ({ kind: 'giveBack', resource, amount });

/** A lender that is asked about one limit by borrowers 0, 1 and so on, as their quota of the number 7. */
function lending(parts: Partial<LimitOptions>, borrowers = 2) {
  const clock = new FakeLimitClock();
  const lender = new Lender<number>(clock);
  const limit = limitOptions(parts);
  const ask = (borrower: number, said: Said, key = 'a'): number | undefined => {
    const [grant] = lender.answer(borrower, [{ limit, key, quota: 7, ...said }], borrowers);
    return grant?.granted;
  };
  return { lender, clock, limit, ask };
}

t.test(
  'Lender lends a part of an even share where much is left, and what is asked for where little is',
  async (t) => {
    const { ask } = lending({ tunnels: 100 });
    t.equal(ask(0, take('tunnels', 1)), 25);
    t.equal(ask(1, take('tunnels', 1)), 18);
    t.equal(ask(1, take('tunnels', 50)), 50, 'who wants more gets it while there is some');
    for (let left = 7; left > 0; left -= 1) t.equal(ask(0, take('tunnels', 1)), 1);
    t.equal(ask(0, take('tunnels', 1)), 0);
  },
);

t.test('Lender lends no more than half of the bandwidth that is left', async (t) => {
  const { ask } = lending({ bandwidth: 1_000_000 });
  t.equal(ask(0, take('bandwidth', 1e6)), 100_000);
  t.equal(ask(1, take('bandwidth', 1e6)), 50_000);
  t.equal(ask(1, { kind: 'charge', resource: 'bandwidth', amount: 60_000 }), undefined);
  t.equal(ask(0, take('bandwidth', 1)), 0, 'what was used already is paid first');
});

t.test('Lender answers what is asked at once in that order, and says when there will be more', async (t) => {
  const { lender, limit } = lending({ requests: { perSecond: 1, burst: 1 } });
  const ask: Ask = { limit, key: 'a', quota: 7, ...take('requests', 1) };
  t.match(lender.answer(0, [ask, { ...ask, quota: 8 }], 2), [
    { quota: 7, resource: 'requests', granted: 1 },
    { quota: 8, resource: 'requests', granted: 0, retryMs: 1000 },
  ]);
});

t.test('Lender takes back what nobody used, of any resource', async (t) => {
  const { ask } = lending({ bytesPerDay: 100 }, 1);
  t.equal(ask(0, take('bytesPerDay', 100)), 100);
  t.equal(ask(0, giveBack('bytesPerDay', 40)), undefined);
  t.equal(ask(0, take('bytesPerDay', 100)), 40);
});

t.test('Lender takes no more tunnels back than the borrower holds', async (t) => {
  const { lender, ask } = lending({ tunnels: 4 });
  t.equal(ask(0, take('tunnels', 2)), 2);
  t.equal(ask(1, take('tunnels', 2)), 2);
  ask(0, giveBack('tunnels', 2));
  ask(0, giveBack('tunnels', 2));
  t.equal(ask(1, take('tunnels', 4)), 2, 'given back twice');
  lender.forget(0);
  t.equal(ask(0, take('tunnels', 4)), 0, 'who holds nothing leaves nothing');
});

t.test('Lender gets the tunnels of a borrower that is gone back, once, and nothing else', async (t) => {
  const { lender, ask } = lending({ tunnels: 2, bytesPerDay: 10 });
  t.equal(ask(0, take('tunnels', 2)), 2);
  t.equal(ask(0, take('bytesPerDay', 10)), 10);
  lender.forget(0);
  lender.forget(0);
  t.equal(ask(1, take('tunnels', 4)), 2);
  t.equal(ask(1, take('bytesPerDay', 1)), 0, 'nobody knows how many it had let pass');
});

t.test('Lender takes tunnels back to where they came from, whatever the key leads to then', async (t) => {
  const { ask, clock } = lending({ requests: { perSecond: 1, burst: 1 }, tunnels: 2 });
  // Networks of one site, so many that further ones share what is the site's.
  for (let network = 0; network < 1024; network += 1) ask(1, take('requests', 1), `1:${network}`);
  t.equal(ask(0, take('tunnels', 1), '1:5000'), 1);
  clock.advance(1000);
  for (let index = 0; index < 1000; index += 1) ask(1, take('requests', 1), `10.0.0.${index}`);
  ask(0, giveBack('tunnels', 1), '1:5000');
  t.equal(ask(1, take('tunnels', 9), '1:5000'), 2, 'its own, which had lent none');
  t.equal(ask(2, take('tunnels', 9), '1:0/48'), 2, 'and the shared one has got its tunnel back');
});

t.test(
  'Lender keeps counts of limits in force, and of others while somebody has something of them',
  async (t) => {
    const { lender, limit, ask } = lending({ tunnels: 1 });
    t.equal(ask(0, take('tunnels', 1)), 1);
    lender.keep({ few: limit });
    lender.keep({});
    t.equal(ask(1, take('tunnels', 1)), 0);
    ask(0, giveBack('tunnels', 1));
    t.same(lender.keyCounts(), [{ limit: 'few', keys: 1, crowded: 0 }]);
    lender.keep({});
    t.same(lender.keyCounts(), []);
    t.equal(ask(1, take('tunnels', 1)), 1);
  },
);

t.test('Lender tells of no keys of what no configuration names', async (t) => {
  const { lender, ask } = lending({ name: '@main', tunnels: 3 });
  t.equal(ask(0, take('tunnels', 1)), 1);
  t.same(lender.keyCounts(), []);
});

t.test('Lender counts by the clock of the system, where it is given none', async (t) => {
  const asks = [{ limit: limitOptions({ tunnels: 3 }), key: 'a', quota: 1, ...take('tunnels', 3) }];
  t.match(new Lender<string>().answer('one', asks, 0), [{ granted: 3 }]);
});

t.test('Lender counts what a borrower holds already, as far as there is room', async (t) => {
  const { lender, limit, ask } = lending({ tunnels: 4 });
  const holding = { limit, key: 'a', quota: 7 };
  lender.restore(0, [{ ...holding, count: 3 }]);
  t.equal(ask(1, take('tunnels', 1)), 1);
  t.equal(ask(1, take('tunnels', 1)), 0, 'it is counted');
  ask(0, giveBack('tunnels', 1));
  t.equal(ask(1, take('tunnels', 1)), 1, 'and given back');
  lender.restore(2, [{ ...holding, count: 9 }]);
  lender.forget(0);
  t.equal(ask(1, take('tunnels', 9)), 2, 'with the borrower goes what it held');
});
