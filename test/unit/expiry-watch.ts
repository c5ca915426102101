import t from 'tap';
import { watchExpiry } from '#expiry-watch.ts';
import { config } from '../fixtures/config.ts';
import { logLines } from '../fixtures/log-lines.ts';

const DAY_MS = 86_400_000;

t.test('watchExpiry() tells of rules near their end at once, when asked, and daily', async (t) => {
  const now = Date.parse('2026-11-23T00:00Z');
  t.clock.enter();
  t.clock.travel(now);
  const lines: unknown[] = [];
  const given = await config().then((base) => ({
    ...base,
    policy: {
      ...base.policy,
      access: [
        { name: 'pilot', allow: ['all'], until: now + DAY_MS, owner: 'platform', ticket: 'NET-1' },
        { name: 'old', allow: ['all'], until: now },
        { name: 'far', allow: ['all'], until: now + 30 * DAY_MS },
      ],
    },
  }));
  const watch = watchExpiry({
    log: { warn: (...line: unknown[]) => lines.push(line), error: () => t.fail('no rule is an error') },
    config: () => given,
    now: () => now,
  });
  const both = [
    [
      { rule: 'pilot', until: '2026-11-24T00:00:00.000Z', owner: 'platform', ticket: 'NET-1' },
      'Rule will expire soon',
    ],
    [{ rule: 'old', until: '2026-11-23T00:00:00.000Z' }, 'Rule has expired and never matches'],
  ];
  t.match(lines, both);
  watch.tell();
  t.equal(lines.length, 4);
  t.clock.advance(DAY_MS);
  t.equal(lines.length, 6);
  watch.close();
  t.clock.advance(DAY_MS);
  t.equal(lines.length, 6);
});

t.test('watchExpiry() tells of certificates, and again when one has come to its end', async (t) => {
  const start = Date.parse('2026-11-23T00:00Z');
  t.clock.enter();
  t.clock.travel(start);
  const { log, lines } = logLines();
  const told = () => lines.map(({ level, use, until, msg }) => `${level} ${use} ${until} ${msg}`);
  const certificates = [
    { use: 'listener main', path: [], untilMs: start + 75_000 },
    { use: 'peer vm-a', path: [], untilMs: start + 30 * DAY_MS },
  ];
  const given = { ...(await config()), certificates };
  const watch = watchExpiry({ log, config: () => given });
  const soon = 'warn listener main 2026-11-23T00:01:15.000Z Certificate will expire soon';
  const over =
    'error listener main 2026-11-23T00:01:15.000Z Certificate has expired, whoever checks it refuses it';
  t.same(told(), [soon]);
  t.clock.advance(76_000);
  t.same(told(), [soon, over]);
  t.clock.advance(DAY_MS);
  t.same(told(), [soon, over, over], 'and daily');
  watch.close();
  t.clock.advance(DAY_MS);
  t.equal(lines.length, 3);
});
