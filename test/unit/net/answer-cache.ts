import t from 'tap';
import { ProxyError } from '#errors.ts';
import { AnswerCache } from '#net/answer-cache.ts';
import { ip } from '../../fixtures/subject.ts';

const FOUND = { addresses: [ip('192.0.2.1')] };
const FAILED = { failure: new ProxyError('dns_error') };

function start(staleTtlMs = 60_000) {
  const clock = { ms: 1_000, now: () => clock.ms };
  return { clock, cache: new AnswerCache(staleTtlMs, clock) };
}

t.test('AnswerCache gives out what is good, and no more when it is not', async (t) => {
  const { clock, cache } = start();
  t.equal(cache.get('a.example'), undefined);
  cache.keep('a.example', FOUND, 5_000);
  clock.ms += 5_000;
  t.match(cache.get('a.example'), { answer: FOUND, isStale: false });
  clock.ms += 1;
  t.equal(cache.get('a.example'), undefined);
});

t.test('AnswerCache keeps nothing for no time, and forgets what it had', async (t) => {
  const { cache } = start();
  cache.keep('a.example', FOUND, 5_000);
  cache.keep('a.example', FAILED, 0);
  t.equal(cache.get('a.example'), undefined);
  t.notOk(cache.canRevive('a.example'));
});

t.test(
  'AnswerCache revives addresses for a while, and no longer than staleTtl behind their end',
  async (t) => {
    const { clock, cache } = start();
    t.equal(cache.revive('a.example', 10_000), undefined);
    t.notOk(cache.canRevive('a.example'));
    cache.keep('a.example', FOUND, 5_000);
    clock.ms += 6_000;
    t.ok(cache.canRevive('a.example'));
    t.equal(cache.revive('a.example', 10_000), FOUND);
    clock.ms += 10_000;
    t.match(cache.get('a.example'), { isStale: true });
    clock.ms += 1;
    t.equal(cache.get('a.example'), undefined);
    clock.ms += 48_999;
    t.equal(cache.revive('a.example', 10_000), FOUND, 'sixty seconds after it was good');
    t.ok(cache.get('a.example'));
    clock.ms += 1;
    t.equal(cache.get('a.example'), undefined);
    t.equal(cache.revive('a.example', 10_000), undefined);
    t.notOk(cache.canRevive('a.example'));
  },
);

t.test('AnswerCache revives no failure', async (t) => {
  const { clock, cache } = start();
  cache.keep('a.example', FAILED, 5_000);
  clock.ms += 5_001;
  t.notOk(cache.canRevive('a.example'));
  t.equal(cache.revive('a.example', 10_000), undefined);
});

t.test('clear() forgets everything', async (t) => {
  const { cache } = start();
  cache.keep('a.example', FOUND, 5_000);
  cache.clear();
  t.equal(cache.get('a.example'), undefined);
  t.notOk(cache.canRevive('a.example'));
});

// Attacks: bounded.
t.test('AnswerCache knows so many names, and forgets first what was asked for longest ago', async (t) => {
  const { cache } = start();
  for (let i = 0; i < 10_000; i += 1) cache.keep(`${i}.example`, FOUND, 5_000);
  t.ok(cache.get('0.example'));
  cache.keep('one.more.example', FOUND, 5_000);
  t.ok(cache.get('one.more.example'));
  t.ok(cache.get('0.example'), 'which was asked for just now');
  t.equal(cache.get('1.example'), undefined);
  t.notOk(cache.canRevive('1.example'));
});
