import t from 'tap';
import type { Ask } from '#limit/lending.ts';
import { callOf, holdCall, LEASE_MS, restOfDay } from '#redis/calls.ts';
import { Holdings } from '#redis/holdings.ts';
import { limitOptions } from '../../fixtures/limits.ts';

const limit = limitOptions({
  requests: { perSecond: 50, burst: 100 },
  tunnels: 5,
  bandwidth: 1_000_000,
  bytesPerDay: 1000,
});
const DAY_MS = 86_400_000;
const HERE = { holder: 'me', wallMs: 3 * DAY_MS + 1000 };

function ask(parts: Partial<Ask>): Ask {
  return { kind: 'take', limit, key: 'a', resource: 'requests', amount: 2, quota: 1, ...parts };
}

const WORDS: Readonly<Record<string, readonly [Partial<Ask>, readonly string[]]>> = {
  'requests that are wanted': [{}, ['rate', '2', '0.0625', '0', '0.05', '100']],
  'requests that nobody used': [{ kind: 'giveBack' }, ['rate', '0', '0', '-2', '0.05', '100']],
  'bandwidth that was used': [
    { kind: 'charge', resource: 'bandwidth' },
    ['rate', '0', '0', '2', '1000', '200000'],
  ],
  'bytes of the day': [{ resource: 'bytesPerDay' }, ['day', '2', '0.0625', '0', '1000', `${2 * DAY_MS}`]],
  tunnels: [{ resource: 'tunnels' }, ['held', '2', '0.0625', '0', '5', 'me', `${LEASE_MS}`, '-1']],
};

for (const [what, [parts, words]] of Object.entries(WORDS)) {
  t.test(`callOf() asks for ${what}`, async (t) => {
    t.same(callOf(ask(parts), HERE).words, words);
  });
}

t.test('callOf() has a key for each limit with its settings, resource, day and client', async (t) => {
  const keys = [
    ask({}),
    ask({ key: 'b' }),
    ask({ resource: 'bytesPerDay' }),
    ask({ limit: { ...limit, tunnels: 6 } }),
  ].map((one) => callOf(one, HERE).key);
  keys.push(callOf(ask({ resource: 'bytesPerDay' }), { ...HERE, wallMs: 4 * DAY_MS }).key);
  t.equal(new Set(keys).size, 5);
  for (const key of keys) t.match(key, /^weir:few:[\w-]{16}:/);
  t.match(keys[2], /:bytesPerDay:3:a$/);
});

t.test('holdCall() says how many tunnels there are, or that there are any', async (t) => {
  const holding = new Holdings().of({ quota: 1, limit, key: 'a' });
  holding.shared = 3;
  t.same(holdCall(holding, 'me', true).words, ['held', '0', '0', '0', '5', 'me', `${LEASE_MS}`, '3']);
  t.equal(holdCall(holding, 'me', false).words.at(-1), '-1');
  t.equal(holdCall(holding, 'me', true).key, callOf(ask({ resource: 'tunnels' }), HERE).key);
});

t.test('restOfDay() is until midnight of UTC', async (t) => {
  t.equal(restOfDay(HERE.wallMs), DAY_MS - 1000);
});
