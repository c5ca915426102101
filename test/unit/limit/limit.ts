import t from 'tap';
import { idOf, keyCounts, keyOf, openLimits, ownersOf, siteOf, sourceOf } from '#limit/limit.ts';
import { MemoryStore } from '#limit/memory-store.ts';
import type { LimitOptions, Per } from '#limit/options.ts';
import { limitOptions } from '../../fixtures/limits.ts';
import { ip } from '../../fixtures/subject.ts';

const FULL: Partial<LimitOptions> = {
  requests: { perSecond: 1, burst: 2 },
  tunnels: 3,
  bandwidth: 4,
  bytesPerDay: 5,
};

t.test('openLimits() says what a request takes, and what a tunnel does', async (t) => {
  const limits = openLimits(
    { full: limitOptions(FULL), tunnels: limitOptions({ tunnels: 1 }), slow: limitOptions({ bandwidth: 1 }) },
    new Map(),
    new MemoryStore(),
  );
  const taken = [...limits].map(([name, { ofRequest, ofTunnel }]) => [name, ofRequest, ofTunnel]);
  t.same(taken, [
    ['full', ['bytesPerDay', 'requests'], ['bytesPerDay', 'requests', 'tunnels']],
    ['tunnels', [], ['tunnels']],
    ['slow', [], []],
  ]);
});

t.test('openLimits() keeps the counts of a limit whose settings are the same, and of no other', async (t) => {
  const store = new MemoryStore();
  const before = openLimits({ few: limitOptions(FULL), gone: limitOptions() }, new Map(), store);
  const same = openLimits({ few: limitOptions(FULL) }, before, store);
  t.equal(same.get('few'), before.get('few'));
  t.same([...same.keys()], ['few']);
  const other = openLimits({ few: limitOptions({ ...FULL, tunnels: 4 }) }, before, store);
  t.not(other.get('few'), before.get('few'));
});

t.test('idOf() tells any setting from any other', async (t) => {
  const changes: readonly Partial<LimitOptions>[] = [
    {},
    FULL,
    { ...FULL, name: 'other' },
    { ...FULL, per: 'global' },
    { ...FULL, requests: undefined },
    { ...FULL, requests: { perSecond: 1, burst: 3 } },
    { ...FULL, tunnels: 4 },
    { ...FULL, bandwidth: 5 },
    { ...FULL, bytesPerDay: 6 },
  ];
  t.equal(new Set(changes.map((parts) => idOf(limitOptions(parts)))).size, changes.length);
});

const CLIENT = {
  clientAddress: ip('10.1.2.3'),
  listener: 'main',
  user: 'ann',
  identity: { namespace: 'api', serviceAccount: 'builder' },
};
const KEYS: Readonly<Record<Per, string>> = {
  source: '10.1.2.3',
  namespace: 'api',
  serviceAccount: 'api/builder',
  user: 'ann',
  listener: 'main',
  rule: 'login',
  global: '',
};

for (const [per, key] of Object.entries(KEYS) as [Per, string][]) {
  t.test(`keyOf() counts per ${per}`, async (t) => {
    t.equal(keyOf(limitOptions({ per }), CLIENT, 'login'), key);
  });
}

t.test('keyOf() counts those of no known user together', async (t) => {
  t.equal(keyOf(limitOptions({ per: 'user' }), { ...CLIENT, user: undefined }, 'login'), '');
});

t.test('keyOf() counts those together of whom no namespace, or no account, is known', async (t) => {
  const key = (per: Per, identity: Parameters<typeof keyOf>[1]['identity']): string =>
    keyOf(limitOptions({ per }), { ...CLIENT, identity }, 'login');
  for (const per of ['namespace', 'serviceAccount'] as const) {
    t.equal(key(per, undefined), '');
    t.equal(key(per, { namespace: undefined, serviceAccount: undefined }), '');
  }
  t.equal(key('serviceAccount', { namespace: undefined, serviceAccount: 'builder' }), '/builder');
  t.equal(key('serviceAccount', { namespace: 'api', serviceAccount: undefined }), '');
});

t.test('keyOf() takes the addresses of one IPv6 network for one source', async (t) => {
  const key = (text: string): string =>
    keyOf(limitOptions(), { ...CLIENT, clientAddress: ip(text) }, 'login');
  t.equal(key('2001:db8:1:2::1'), key('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  t.not(key('2001:db8:1:2::1'), key('2001:db8:1:3::1'));
  t.equal(key('::ffff:10.1.2.3'), '10.1.2.3');
});

t.test('siteOf() takes the IPv6 networks of one site together, and an IPv4 address for itself', async (t) => {
  const site = (text: string): string => siteOf(sourceOf(ip(text)));
  t.equal(site('2001:db8:1:2::1'), site('2001:db8:1:ffff::1'));
  t.not(site('2001:db8:1:2::1'), site('2001:db8:2:2::1'));
  t.not(site('2001:db8:1:2::1'), site('2001:db9:1:2::1'));
  t.equal(siteOf(site('2001:db8:1:2::1')), site('2001:db8:1:2::1'), 'a site is its own');
  t.equal(site('10.1.2.3'), '10.1.2.3');
});

t.test('ownersOf() knows owners of sources only', async (t) => {
  t.equal(ownersOf(limitOptions({ per: 'source' })), siteOf);
  t.equal(ownersOf(limitOptions({ per: 'user' })), undefined);
});

t.test('keyCounts() tells how many keys each limit knows', async (t) => {
  const limits = openLimits({ few: limitOptions(FULL), none: limitOptions() }, new Map(), new MemoryStore());
  for (const key of ['a', 'b', 'a']) await limits.get('few')?.quotas.of(key).take('tunnels', 1);
  t.same(keyCounts(limits), [
    { limit: 'few', keys: 2, crowded: 0 },
    { limit: 'none', keys: 0, crowded: 0 },
  ]);
});
