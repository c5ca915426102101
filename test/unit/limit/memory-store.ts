import t from 'tap';
import { type MemoryQuota, MemoryStore, SYSTEM_CLOCK } from '#limit/memory-store.ts';
import { innerLimit, type LimitOptions, type Resource } from '#limit/options.ts';
import { FakeLimitClock, limitOptions } from '../../fixtures/limits.ts';

const HOUR_MS = 3_600_000;
const ALL: readonly Resource[] = ['requests', 'tunnels', 'bandwidth', 'bytesPerDay'];

function quotaOf(parts: Partial<LimitOptions>): { quota: MemoryQuota; clock: FakeLimitClock } {
  const clock = new FakeLimitClock();
  return { quota: new MemoryStore(clock).open(limitOptions(parts)).of('a'), clock };
}

t.test('MemoryStore counts each key and each limit for itself', async (t) => {
  const store = new MemoryStore();
  const options = limitOptions({ tunnels: 1 });
  const [one, other] = [store.open(options), store.open(options)];
  t.equal(one.of('a').take('tunnels', 1), 1);
  t.equal(one.of('a').take('tunnels', 1), 0);
  t.equal(one.of('b').take('tunnels', 1), 1);
  t.equal(other.of('a').take('tunnels', 1), 1);
  t.ok(Math.abs(SYSTEM_CLOCK.wall() - Date.now()) < 1000);
});

t.test('MemoryQuota counts requests by rate and burst', async (t) => {
  const { quota, clock } = quotaOf({ requests: { perSecond: 2, burst: 3 } });
  t.equal(quota.left('requests'), 3);
  t.equal(quota.take('requests', 5), 3);
  t.equal(quota.retryMs('requests'), 500);
  clock.advance(500);
  t.equal(quota.take('requests', 1), 1);
  quota.giveBack('requests', 1);
  t.equal(quota.take('requests', 1), 1);
});

t.test('MemoryQuota counts tunnels that are open', async (t) => {
  const { quota, clock } = quotaOf({ tunnels: 2 });
  t.equal(quota.take('tunnels', 3), 2);
  t.equal(quota.left('tunnels'), 0);
  t.equal(quota.retryMs('tunnels'), undefined);
  clock.advance(24 * HOUR_MS);
  t.equal(quota.take('tunnels', 1), 0, 'time does not end them');
  quota.giveBack('tunnels', 1);
  t.equal(quota.take('tunnels', 2), 1);
  quota.giveBack('tunnels', 10);
  t.equal(quota.take('tunnels', 10), 2, 'who gives back more than there was gets no more than the limit');
});

t.test('MemoryQuota counts bandwidth by the second, with some of it at once', async (t) => {
  const { quota, clock } = quotaOf({ bandwidth: 1_000_000 });
  t.equal(quota.take('bandwidth', 1e9), 200_000);
  clock.advance(10);
  t.equal(quota.take('bandwidth', 1e9), 10_000);
  quota.charge(50_000);
  clock.advance(50);
  t.equal(quota.take('bandwidth', 1e9), 0);
  quota.giveBack('bandwidth', 7);
  t.equal(Math.round(quota.left('bandwidth')), 7);
  t.equal(quotaOf({ bandwidth: 1024 }).quota.left('bandwidth'), 16 * 1024, 'never less than a small answer');
});

t.test('MemoryQuota counts bytes until the day of UTC is over', async (t) => {
  const { quota, clock } = quotaOf({ bytesPerDay: 100 });
  t.equal(quota.take('bytesPerDay', 60), 60);
  t.equal(quota.take('bytesPerDay', 60), 40);
  t.equal(quota.left('bytesPerDay'), 0);
  t.equal(quota.retryMs('bytesPerDay'), 15 * HOUR_MS);
  clock.advance(15 * HOUR_MS - 1);
  t.equal(quota.take('bytesPerDay', 1), 0);
  clock.advance(1);
  t.equal(quota.take('bytesPerDay', 10), 10);
  quota.giveBack('bytesPerDay', 60);
  t.equal(quota.left('bytesPerDay'), 100, 'what is left of yesterday makes today no longer');
});

t.test('MemoryQuota limits nothing that the limit does not name', async (t) => {
  const { quota } = quotaOf({});
  for (const resource of ALL) {
    t.equal(quota.left(resource), Number.POSITIVE_INFINITY, resource);
    t.equal(quota.take(resource, 1e12), 1e12);
    quota.giveBack(resource, 1e12);
    if (resource !== 'bytesPerDay') t.equal(quota.retryMs(resource), undefined);
  }
  quota.charge(1e12);
  t.ok(quota.isFresh);
});

const USED: Readonly<Record<string, [Partial<LimitOptions>, Resource, freshAfterMs: number]>> = {
  'a request is made up for': [{ requests: { perSecond: 2, burst: 3 } }, 'requests', 500],
  'bandwidth is made up for': [{ bandwidth: 1000 }, 'bandwidth', 1],
  'the day is over': [{ bytesPerDay: 100 }, 'bytesPerDay', 15 * HOUR_MS],
};

for (const [what, [parts, resource, afterMs]] of Object.entries(USED)) {
  t.test(`MemoryQuota is fresh again when ${what}, and not before`, async (t) => {
    const { quota, clock } = quotaOf(parts);
    t.ok(quota.isFresh);
    quota.take(resource, 1);
    clock.advance(afterMs - 0.5);
    t.notOk(quota.isFresh);
    clock.advance(0.5);
    t.ok(quota.isFresh);
  });
}

t.test('MemoryQuota is fresh again when its last tunnel is given back, and not before', async (t) => {
  const { quota, clock } = quotaOf({ tunnels: 2 });
  quota.take('tunnels', 1);
  clock.advance(48 * HOUR_MS);
  t.notOk(quota.isFresh);
  quota.giveBack('tunnels', 1);
  t.ok(quota.isFresh);
});

t.test('MemoryQuota begins anew when the clock is set to another day, whichever', async (t) => {
  const { quota, clock } = quotaOf({ bytesPerDay: 100 });
  t.equal(quota.take('bytesPerDay', 100), 100);
  clock.advance(-24 * HOUR_MS);
  t.equal(quota.take('bytesPerDay', 100), 100, 'a clock that was wrong locks nobody out for long');
  t.equal(quota.take('bytesPerDay', 1), 0);
});

t.test('MemoryStore has the IPv6 networks of one site share a count when they are very many', async (t) => {
  const quotas = new MemoryStore(new FakeLimitClock()).open(limitOptions({ tunnels: 1 }));
  let passed = 0;
  for (let network = 0; network < 3000; network += 1) passed += quotas.of(`1:${network}`).take('tunnels', 1);
  t.equal(passed, 1025);
  t.equal(quotas.of('2:0').take('tunnels', 1), 1);
});

t.test('MemoryStore shares a limit out among hosts, anew whenever their number is another', async (t) => {
  let hosts = 4;
  const clock = new FakeLimitClock();
  const options = limitOptions({
    requests: { perSecond: 40, burst: 80 },
    tunnels: 10,
    bandwidth: 8_000_000,
    bytesPerDay: 101,
  });
  const quota = new MemoryStore(clock, () => hosts).open(options).of('a');
  const left = (): number[] => ALL.map((resource) => quota.left(resource));
  t.same(left(), [20, 2, 400_000, 25]);
  hosts = 2;
  t.same(left(), [40, 5, 800_000, 50]);
  t.equal(quota.take('requests', 100), 40);
  t.equal(quota.retryMs('requests'), 50, 'the rate is shared out as well');
  t.equal(quota.take('tunnels', 100), 5);
  t.equal(quota.take('bytesPerDay', 100), 50);
  hosts = 4;
  t.equal(quota.take('tunnels', 1), 0, 'who has more than the share now gets none');
  t.equal(quota.take('bytesPerDay', 1), 0);
  clock.advance(1000);
  t.equal(Math.round(quota.left('requests')), 10);
  hosts = 1;
  t.equal(Math.round(quota.left('requests')), 40, 'a bucket stays as full as it was');
  t.equal(quota.take('tunnels', 100), 5);
});

t.test(
  'MemoryStore leaves each host one of what comes in whole, and shares out no limit of our own',
  async (t) => {
    const store = new MemoryStore(new FakeLimitClock(), () => 100);
    const quota = store.open(limitOptions({ requests: { perSecond: 1, burst: 2 }, tunnels: 5 })).of('a');
    t.equal(quota.take('requests', 5), 1);
    t.equal(quota.take('tunnels', 5), 1);
    t.equal(
      store
        .open(innerLimit('@peer', 'global', 50))
        .of('')
        .left('tunnels'),
      50,
    );
  },
);
