import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { BorrowingStore } from '#limit/borrowing-store.ts';
import { Lender } from '#limit/lender.ts';
import type { Ask } from '#limit/lending.ts';
import type { Resource } from '#limit/options.ts';
import type { Quota } from '#limit/quota.ts';
import { borrowers } from '../../fixtures/borrowers.ts';
import { FakeLimitClock, limitOptions } from '../../fixtures/limits.ts';

t.test('BorrowingStore: a small limit is exact, and asks one by one', async (t) => {
  const { quotas } = borrowers(t, 4);
  const workers = quotas(limitOptions({ requests: { perSecond: 1, burst: 4 } }));
  const asked = workers.map((quota) => quota.take('requests', 1));
  t.same(await Promise.all(asked), [1, 1, 1, 1]);
  t.equal(await workers[0]?.take('requests', 1), 0);
  t.ok((workers[0]?.retryMs('requests') ?? 0) > 900);
});

t.test('BorrowingStore: of a large limit a worker has slices, and asks seldom', async (t) => {
  const { quotas, sent } = borrowers(t, 2);
  const [quota] = quotas(limitOptions({ requests: { perSecond: 1, burst: 1000 } })) as [Quota];
  for (let index = 0; index < 200; index += 1) t.equal(await quota.take('requests', 1), 1);
  t.same(sent, [0], 'once for all of them');
});

t.test('BorrowingStore: what was lent comes on top of the burst, half of it at most', async (t) => {
  const { quotas, clock } = borrowers(t, 2);
  const workers = quotas(limitOptions({ requests: { perSecond: 50, burst: 100 } }));
  for (const quota of workers) t.equal(await quota.take('requests', 1), 1);
  clock.advance(10_000);
  let passed = 0;
  for (let index = 0; index < 200; index += 1)
    for (const quota of workers) passed += await quota.take('requests', 1);
  t.ok(passed > 100 && passed <= 150, `${passed} passed`);
});

t.test('BorrowingStore: a limit of fewer than four for each worker is exact', async (t) => {
  const { quotas } = borrowers(t, 2);
  const [one, other] = quotas(limitOptions({ tunnels: 7 })) as [Quota, Quota];
  t.equal(await one.take('tunnels', 1), 1);
  for (let index = 0; index < 6; index += 1) t.equal(await other.take('tunnels', 1), 1);
});

t.test('BorrowingStore: what is asked in one turn goes in one message', async (t) => {
  const { quotas, sent } = borrowers(t, 1);
  const [quota] = quotas(limitOptions({ tunnels: 2, bytesPerDay: 10 })) as [Quota];
  const takes = [quota.take('tunnels', 1), quota.take('tunnels', 1), quota.take('bytesPerDay', 1)];
  t.same(sent, []);
  t.same(await Promise.all(takes), [1, 1, 1]);
  t.equal(sent.length, 2, 'and what came while it was asked in the next');
});

t.test('BorrowingStore: a tunnel that ends makes room for another worker', async (t) => {
  const { quotas } = borrowers(t, 2);
  const [one, other] = quotas(limitOptions({ tunnels: 1 })) as [Quota, Quota];
  t.equal(await one.take('tunnels', 1), 1);
  t.equal(await other.take('tunnels', 1), 0);
  one.giveBack('tunnels', 1);
  await turn();
  t.equal(await other.take('tunnels', 1), 1);
});

t.test('BorrowingStore: what was in use when it was looked at goes back too', async (t) => {
  const { quotas, stores } = borrowers(t, 2);
  const [one, other] = quotas(limitOptions({ tunnels: 40 })) as [Quota, Quota];
  const takes = Array.from({ length: 40 }, () => one.take('tunnels', 1));
  t.same(
    (await Promise.all(takes)).reduce((sum, taken) => sum + taken, 0),
    40,
  );
  for (let round = 0; round < 3; round += 1) stores[0]?.returnUnused();
  t.equal(await other.take('tunnels', 1), 0, 'all are open');
  for (let tunnel = 0; tunnel < 40; tunnel += 1) one.giveBack('tunnels', 1);
  stores[0]?.returnUnused();
  await turn();
  t.equal(await other.take('tunnels', 1), 1);
  t.ok(one.isFresh, 'nothing is left behind');
});

t.test('BorrowingStore: what nobody uses goes back', async (t) => {
  const { quotas, stores } = borrowers(t, 2);
  const [one, other] = quotas(limitOptions({ tunnels: 100 })) as [Quota, Quota];
  t.equal(await one.take('tunnels', 1), 1);
  t.notOk(one.isFresh);
  one.giveBack('tunnels', 1);
  t.equal(await other.take('tunnels', 90), 75, 'a quarter is with the first');
  stores[0]?.returnUnused();
  stores[0]?.returnUnused();
  await turn();
  t.ok(one.isFresh);
  t.equal(await other.take('tunnels', 90), 25);
});

t.test('BorrowingStore: bandwidth that was used already is charged to the host', async (t) => {
  const { quotas } = borrowers(t, 2);
  const [one, other] = quotas(limitOptions({ bandwidth: 1_000_000 })) as [Quota, Quota];
  t.equal(await one.take('bandwidth', 1000), 1000);
  one.charge(300_000);
  await turn();
  t.equal(await other.take('bandwidth', 1000), 0);
  one.giveBack('bandwidth', 10);
  t.equal(one.take('bandwidth', 10), 10);
  one.giveBack('bandwidth', 10);
  one.charge(4);
  t.equal(one.take('bandwidth', 6), 6, 'what is borrowed pays first');
});

t.test('BorrowingStore counts on its own when the supervisor is lost', async (t) => {
  const store = new BorrowingStore(() => {});
  const quota = store.open(limitOptions({ bandwidth: 1_000_000 })).of('a');
  const asked = quota.take('bandwidth', 1000);
  await turn();
  store.lose();
  t.equal(await asked, 1000, 'what nobody answered is asked again');
  for (let round = 0; round < 3; round += 1) store.returnUnused();
});

t.test('BorrowingStore counts its share on its own, by its own clock', async (t) => {
  const store = new BorrowingStore(() => {}, { hosts: () => 2, now: () => 0 });
  const quota = store.open(limitOptions({ tunnels: 4 })).of('a');
  store.lose();
  t.same(await Promise.all([1, 2, 3].map(() => quota.take('tunnels', 1))), [1, 1, 0]);
  for (let round = 0; round < 3; round += 1) store.returnUnused();
});

t.test('BorrowingStore sends nothing to a supervisor that is lost, and asks itself', async (t) => {
  const sent: unknown[] = [];
  const store = new BorrowingStore((asks) => sent.push(asks));
  const quota = store.open(limitOptions({ tunnels: 1 })).of('a');
  const asked = quota.take('tunnels', 1);
  store.lose();
  t.equal(await asked, 1);
  t.same(sent, []);
  const idle = new BorrowingStore((asks) => sent.push(asks));
  idle
    .open(limitOptions({ bandwidth: 1024 }))
    .of('a')
    .charge(1);
  idle.lose();
  await turn();
  t.same(sent, [], "and what was used already is nobody's any more");
  for (let round = 0; round < 3; round += 1) store.returnUnused();
});

t.test('BorrowingStore gives back by itself what nobody uses', async (t) => {
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const asked: Ask[] = [];
  const store = new BorrowingStore((asks) => asked.push(...asks));
  const quota = store.open(limitOptions({ tunnels: 100 })).of('a');
  const tunnel = quota.take('tunnels', 1);
  t.clock.advance(1);
  store.receive([{ quota: 1, resource: 'tunnels', granted: 5, retryMs: undefined }]);
  t.equal(await tunnel, 1);
  for (let second = 0; second < 3; second += 1) t.clock.advance(1000);
  t.match(asked.at(-1), { kind: 'giveBack', resource: 'tunnels', amount: 4 });
});

t.test('Lender gives back the tunnels of a worker that is gone', async (t) => {
  const { quotas, lender } = borrowers(t, 2);
  const [one, other] = quotas(limitOptions({ tunnels: 2 })) as [Quota, Quota];
  t.same(await Promise.all([one.take('tunnels', 1), one.take('tunnels', 1)]), [1, 1]);
  t.equal(await other.take('tunnels', 1), 0);
  lender.forget(0);
  lender.forget(0);
  t.equal(await other.take('tunnels', 1), 1);
});

t.test(
  'Lender keeps counts over a reload as long as the limit is the same, or somebody needs them',
  async (t) => {
    const { quotas, lender, clock } = borrowers(t, 1);
    const before = limitOptions({ requests: { perSecond: 1, burst: 1 } });
    t.equal(await quotas(before)[0]?.take('requests', 1), 1);
    lender.keep({ few: before });
    t.equal(await quotas(before)[0]?.take('requests', 1), 0);
    lender.keep({});
    t.equal(await quotas(before)[0]?.take('requests', 1), 0, 'a worker that drains still counts');
    clock.advance(1000);
    lender.keep({});
    t.equal(await quotas(before)[0]?.take('requests', 1), 1);
  },
);

t.test(
  'BorrowingStore: workers together never get more than there is, and in the end all of it',
  async () => {
    const step = fc.record({
      worker: fc.nat(2),
      resource: fc.constantFrom<Resource>('requests', 'tunnels', 'bytesPerDay'),
      want: fc.integer({ min: 1, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 200 }),
        async (steps, total) => {
          const { quotas, stores } = borrowers(t, 3);
          const all = { requests: { perSecond: 1, burst: total }, tunnels: total, bytesPerDay: total };
          const workers = quotas(limitOptions(all));
          const got: Partial<Record<Resource, number>> = {};
          for (const { worker, resource, want } of steps) {
            got[resource] = (got[resource] ?? 0) + ((await workers[worker]?.take(resource, want)) ?? 0);
          }
          if (Math.max(0, ...Object.values(got)) > total) return false;
          for (const store of [...stores, ...stores]) store.returnUnused();
          await turn();
          const rest = (await workers[0]?.take('tunnels', total)) ?? 0;
          return rest + (got.tunnels ?? 0) === total;
        },
      ),
      { seed: 4, numRuns: 50 },
    );
  },
);

t.test('BorrowingStore lets go of what it has not used', async (t) => {
  const { stores, quotas } = borrowers(t, 1);
  const [quota] = quotas(limitOptions({ requests: { perSecond: 1, burst: 100 } })) as [Quota];
  t.equal(await quota.take('requests', 1), 1);
  t.equal(quota.take('requests', 1), 1, 'it was lent more');
  stores[0]?.forfeit();
  t.equal(typeof quota.take('requests', 1), 'object', 'it has to ask again');
});

t.test('BorrowingStore: the next lender is told what is held, and counts it', async (t) => {
  const clock = new FakeLimitClock();
  let lender = new Lender<string>(clock);
  let isThere = true;
  const store: BorrowingStore = new BorrowingStore((asks) => {
    if (isThere) store.receive(lender.answer('w', asks, 1));
  });
  const limit = limitOptions({ tunnels: 3, requests: { perSecond: 1, burst: 100 } });
  const quota = store.open(limit).of('a');
  t.same(await Promise.all([quota.take('tunnels', 1), quota.take('tunnels', 1)]), [1, 1]);
  await quota.take('requests', 1);
  isThere = false;
  store.lose();
  quota.giveBack('tunnels', 1);
  await turn();
  lender = new Lender<string>(clock);
  lender.restore('w', store.regain());
  isThere = true;
  for (const granted of [1, 1, 0])
    t.equal(await quota.take('tunnels', 1), granted, 'with the one that it held');
  for (let round = 0; round < 3; round += 1) store.returnUnused();
});
