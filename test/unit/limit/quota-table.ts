import t from 'tap';
import { Bucket } from '#limit/bucket.ts';
import { Quota } from '#limit/quota.ts';
import { QuotaTable, type QuotaTableParts } from '#limit/quota-table.ts';
import { FakeLimitClock } from '../../fixtures/limits.ts';

const MAX = 100;
const ONE_A_SECOND = { perMs: 0.001, capacity: 1 };

class OneASecond extends Quota {
  readonly #bucket = new Bucket();
  readonly #clock: FakeLimitClock;

  constructor(key: string, clock: FakeLimitClock) {
    super(key);
    this.#clock = clock;
  }

  take(): number {
    return this.#bucket.take(ONE_A_SECOND, 1, this.#clock.now());
  }

  get isFresh(): boolean {
    return this.#bucket.isFull(this.#clock.now());
  }

  charge = (): void => {};
  giveBack = (): void => {};
  retryMs = (): undefined => undefined;
}

function table(parts: Partial<QuotaTableParts<OneASecond>> = {}) {
  const clock = new FakeLimitClock();
  const make = (key: string): OneASecond => new OneASecond(key, clock);
  return { quotas: new QuotaTable({ make, max: MAX, ...parts }), clock };
}

const use = (quotas: QuotaTable<OneASecond>, key: string): number => quotas.of(key).take();

t.test('QuotaTable has one quota for each key', async (t) => {
  const { quotas } = table();
  t.equal(use(quotas, 'a'), 1);
  t.equal(use(quotas, 'b'), 1);
  t.equal(use(quotas, 'a'), 0);
  t.same(
    [...quotas.values()].map(({ key }) => key),
    ['a', 'b'],
  );
});

// Attacks: bounded.
t.test('QuotaTable never lets others push out a key that is over its limit', async (t) => {
  const { quotas } = table();
  t.equal(use(quotas, 'over'), 1);
  let passed = 0;
  for (let index = 0; index < 50 * MAX; index += 1) {
    passed += use(quotas, `attacker ${index}`);
    t.equal(use(quotas, 'over'), 0);
  }
  t.equal(quotas.size, MAX, 'bounded');
  t.equal([...quotas.values()].length, MAX + 1, 'with the one that is shared');
  t.equal(quotas.crowded, 50 * MAX - (MAX - 1));
  t.equal(passed, MAX, 'those for whom there is no room share one quota');
});

t.test('QuotaTable keeps a key that is in use, though nothing else tells it from a new one', async (t) => {
  const { quotas, clock } = table();
  const quota = quotas.of('busy');
  quota.claims = 1;
  for (let index = 0; index < 5 * MAX; index += 1) {
    use(quotas, `${index}`);
    clock.advance(1000);
  }
  t.equal(quotas.of('busy'), quota);
});

t.test('QuotaTable shrinks again when keys are no longer used', async (t) => {
  const { quotas, clock } = table();
  for (let index = 0; index < MAX; index += 1) use(quotas, `${index}`);
  clock.advance(1000);
  for (let index = 0; index < MAX; index += 1) {
    use(quotas, `later ${index}`);
    clock.advance(1000);
  }
  t.ok(quotas.size < 5, `${quotas.size} are left`);
});

/** Keys such as `site 12`, of which the first word is the owner's. */
const OWNED = { ownerOf: (key: string): string => key.split(' ')[0] ?? key, maxOfOwner: 3 };

// Attacks: bounded.
t.test(
  'QuotaTable has the keys of one owner that are too many share one, and leaves room for others',
  async (t) => {
    const { quotas } = table(OWNED);
    let passed = 0;
    for (let index = 0; index < 10 * MAX; index += 1) passed += use(quotas, `site ${index}`);
    t.equal(passed, 4, 'three, and one for all others');
    t.equal(quotas.size, 4);
    t.equal(quotas.crowded, 10 * MAX - 3);
    t.equal(use(quotas, 'other 1'), 1);
    t.equal(use(quotas, 'alone'), 1, 'a key that is its own owner');
    t.equal(use(quotas, 'site 1'), 0, 'who has one keeps it');
    t.equal(quotas.size, 6);
  },
);

t.test('QuotaTable gives an owner new keys when its old ones are forgotten', async (t) => {
  const { quotas, clock } = table(OWNED);
  for (let round = 0; round < 20; round += 1) {
    for (let index = 0; index < 3; index += 1) t.equal(use(quotas, `site ${round} ${index}`), 1);
    t.equal(quotas.crowded, 0);
    clock.advance(1000);
    // What is fresh is forgotten when somebody comes.
    for (let index = 0; index < 3; index += 1) use(quotas, `other ${round} ${index}`);
    clock.advance(1000);
  }
  t.ok(quotas.size <= 6, `${quotas.size}`);
});

t.test('QuotaTable counts an owner with the rest where there is no room for it either', async (t) => {
  const { quotas } = table({ ...OWNED, max: 3 });
  for (let index = 0; index < 3; index += 1) t.equal(use(quotas, `site ${index}`), 1);
  t.equal(use(quotas, 'site 3'), 1);
  t.equal(use(quotas, 'other 1'), 0, 'they share the last one');
  t.equal(quotas.of('site 4'), quotas.of('other 2'));
  t.equal(quotas.size, 3);
});
