import t from 'tap';
import type { ProxyError } from '#errors.ts';
import { Claim } from '#limit/claim.ts';
import { type Limit, openLimits } from '#limit/limit.ts';
import { MemoryStore } from '#limit/memory-store.ts';
import type { LimitOptions, Resource } from '#limit/options.ts';
import type { LimitStore } from '#limit/quota.ts';
import { Wheel } from '#net/wheel.ts';
import { FakeLimitClock, limitOptions } from '../../fixtures/limits.ts';
import { faultOf } from '../../fixtures/sockets.ts';
import { FakeClock } from '../../fixtures/wheel-clock.ts';

const NONE = { onPaid: (): void => {} };

function limited(parts: Partial<LimitOptions>, store?: LimitStore) {
  const clock = new FakeLimitClock();
  const wheelClock = new FakeClock();
  const wheel = new Wheel({ clock: wheelClock, tickMs: 50 });
  const limits = openLimits({ few: limitOptions(parts) }, new Map(), store ?? new MemoryStore(clock));
  const limit = limits.get('few') as Limit;
  const exceeded: ProxyError[] = [];
  const claim = (key = 'a'): Claim =>
    new Claim({ limit, key, rule: 'login', wheel, onExceeded: (error) => exceeded.push(error) });
  const advance = (ms: number): void => {
    clock.advance(ms);
    wheelClock.advance(ms);
  };
  return { claim, exceeded, advance, quota: (key = 'a') => limit.quotas.of(key) };
}

/** What `enter` throws. */
function refusal(enter: () => unknown): unknown {
  try {
    return enter();
  } catch (error) {
    return error;
  }
}

/** A store whose answers the test gives. */
function farStore() {
  const asked: { resource: Resource; answer: (amount: number) => void }[] = [];
  const back: string[] = [];
  const inner = new MemoryStore();
  const store: LimitStore = {
    open(options) {
      const quotas = inner.open(options);
      const quota = quotas.of('a');
      Object.assign(quota, {
        take: (resource: Resource) =>
          new Promise((resolve) => asked.push({ resource, answer: resolve as (amount: number) => void })),
        giveBack: (resource: Resource, amount: number) => back.push(`${resource} ${amount}`),
      });
      return { of: () => quota, size: 1, crowded: 0 };
    },
  };
  const answer = async (amount: number): Promise<void> => {
    asked.shift()?.answer(amount);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { store, asked, back, answer };
}

t.test('Claim takes a tunnel when it enters, and gives it back once', async (t) => {
  const { claim, quota } = limited({ tunnels: 1 });
  const first = claim();
  t.equal(first.enter(true), undefined);
  t.equal(quota().claims, 1);
  t.match(
    refusal(() => claim().enter(true)),
    { reason: 'tunnels_exceeded', limit: 'few' },
  );
  t.equal(claim('b').enter(true), undefined);
  t.equal(claim().enter(false), undefined, 'what is to be no tunnel takes none');
  first.release(0);
  first.release(0);
  const [second, third] = [claim(), claim()];
  t.equal(second.enter(true), undefined);
  t.match(
    refusal(() => third.enter(true)),
    { reason: 'tunnels_exceeded' },
  );
  third.release(0);
  t.match(
    refusal(() => claim().enter(true)),
    { reason: 'tunnels_exceeded' },
    'who got none gives none back',
  );
});

t.test('Claim takes one request of the rate', async (t) => {
  const { claim, advance } = limited({ requests: { perSecond: 1, burst: 2 } });
  t.equal(claim().enter(false), undefined);
  t.equal(claim().enter(true), undefined);
  t.match(
    refusal(() => claim().enter(false)),
    { reason: 'requests_exceeded', fields: ['Retry-After', '1'] },
  );
  advance(1000);
  t.equal(claim().enter(false), undefined);
});

t.test('Claim counts bytes of the day as they pass, and tells once they are used up', async (t) => {
  const { claim, exceeded } = limited({ bytesPerDay: 100 });
  const one = claim();
  t.ok(one.isMetered);
  t.equal(one.enter(true), undefined);
  t.ok(one.count(60, NONE));
  t.ok(one.count(40, NONE), 'to the byte');
  t.same(exceeded, []);
  one.count(1, NONE);
  t.match(exceeded, [{ reason: 'bytes_exceeded', rule: 'login' }]);
  t.match(
    refusal(() => claim().enter(false)),
    { reason: 'bytes_exceeded' },
  );
});

t.test('Claim charges what nobody counted when it is released, and tells nobody', async (t) => {
  const { claim, exceeded } = limited({ bytesPerDay: 100 });
  const one = claim();
  t.equal(one.enter(false), undefined);
  one.count(30, NONE);
  one.release(99);
  t.equal(claim().enter(false), undefined, 'a byte is left');
  t.match(
    refusal(() => claim().enter(false)),
    { reason: 'bytes_exceeded' },
  );
  const other = claim('b');
  t.equal(other.enter(false), undefined);
  other.release(1000);
  t.same(exceeded, []);
  t.notOk(limited({ tunnels: 1 }).claim().isMetered);
});

t.test('Claim has what passes wait for bandwidth', async (t) => {
  const { claim, advance } = limited({ bandwidth: 100_000 });
  const one = claim();
  t.ok(one.isMetered);
  t.equal(one.enter(true), undefined);
  t.ok(one.count(19_999, NONE), 'a fifth of a second is there at once');
  let resumed = 0;
  t.notOk(
    one.count(10_000, {
      onPaid: () => {
        resumed += 1;
      },
    }),
  );
  t.match(one.overdue, { reason: 'bandwidth_exceeded' });
  advance(50);
  t.equal(resumed, 0);
  advance(50);
  t.equal(resumed, 1);
  t.equal(one.overdue, undefined);
  one.release(29_999);
  t.ok(one.count(1e6, NONE), 'what comes after the end waits for nothing');
});

t.test('Claim enters when those before it have paid', async (t) => {
  const { claim, advance } = limited({ bandwidth: 100_000 });
  const one = claim();
  t.equal(one.enter(false), undefined);
  one.count(30_000, NONE);
  one.release(40_000);
  const next = claim();
  let hasEntered = false;
  const entering = next.enter(false)?.then(() => {
    hasEntered = true;
  });
  advance(150);
  await Promise.resolve();
  t.notOk(hasEntered);
  advance(100);
  await entering;
  t.ok(hasEntered);
});

t.test('Claim waits for counts that are kept elsewhere', async (t) => {
  const { store, asked, back, answer } = farStore();
  const { claim, exceeded } = limited({ tunnels: 1, bytesPerDay: 10 }, store);
  const one = claim();
  const entering = one.enter(true);
  t.same(
    asked.map(({ resource }) => resource),
    ['bytesPerDay'],
    'one after the other',
  );
  await answer(1);
  await answer(1);
  await entering;
  one.count(11, NONE);
  await answer(4);
  t.match(exceeded, [{ reason: 'bytes_exceeded' }]);
  one.release(11);
  t.same(back, ['tunnels 1']);
  const refused = faultOf(claim().enter(true) as Promise<void>);
  await answer(0);
  t.match(await refused, { reason: 'bytes_exceeded' });
});

t.test('Claim gives back what it gets when it is over already', async (t) => {
  const { store, back, answer } = farStore();
  const { claim } = limited({ tunnels: 1, bandwidth: 1024 }, store);
  const one = claim();
  const entering = one.enter(true);
  one.release(0);
  t.same(back, []);
  await answer(1);
  await entering;
  t.same(back, ['tunnels 1']);
});
