import t from 'tap';
import { Bucket } from '#limit/bucket.ts';
import { Quota } from '#limit/quota.ts';
import { QuotaTable } from '#limit/quota-table.ts';
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

function table() {
  const clock = new FakeLimitClock();
  return { quotas: new QuotaTable((key) => new OneASecond(key, clock), MAX), clock };
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

t.test('QuotaTable never lets others push out a key that is over its limit', async (t) => {
  const { quotas } = table();
  t.equal(use(quotas, 'over'), 1);
  let passed = 0;
  for (let index = 0; index < 50 * MAX; index += 1) {
    passed += use(quotas, `attacker ${index}`);
    t.equal(use(quotas, 'over'), 0);
  }
  t.equal(quotas.size, MAX, 'bounded');
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
