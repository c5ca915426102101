import t from 'tap';
import { watchExpiry } from '#expiry-watch.ts';
import { config } from '../fixtures/config.ts';

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
    log: { warn: (...line: unknown[]) => lines.push(line) },
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
