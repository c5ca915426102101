import t from 'tap';
import { expiriesOf } from '#acl/expiry.ts';
import type { RuleOptions } from '#acl/rule.ts';

const NOW = Date.parse('2026-11-23T00:00Z');

function rule(name: string, until: string | undefined): RuleOptions {
  return { name, allow: ['all'], until: until === undefined ? undefined : Date.parse(until) };
}

t.test('expiriesOf() gives the rules that have ended or will within 14 days', async (t) => {
  const rules = [
    rule('endless', undefined),
    rule('far', '2026-12-07T00:00:00.001Z'),
    rule('near', '2026-12-07T00:00:00.000Z'),
    rule('last-moment', '2026-11-23T00:00:00.001Z'),
    rule('now', '2026-11-23T00:00:00.000Z'),
    rule('past', '2025-01-01T00:00:00.000Z'),
  ];
  t.same(
    expiriesOf(rules, NOW).map(({ rule: { name }, untilMs, isOver }) => [name, untilMs - NOW, isOver]),
    [
      ['near', 14 * 86_400_000, false],
      ['last-moment', 1, false],
      ['now', 0, true],
      ['past', Date.parse('2025-01-01T00:00Z') - NOW, true],
    ],
  );
});
