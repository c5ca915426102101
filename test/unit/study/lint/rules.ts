import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decide } from '#acl/decide.ts';
import { compilePolicy, type PolicyOptions } from '#acl/policy.ts';
import { evaluateRule, type Rule } from '#acl/rule.ts';
import { parsePattern } from '#match/patterns.ts';
import { parsePortRange } from '#match/ports.ts';
import { Tri } from '#match/tri.ts';
import type { Remark } from '#study/lint/finding.ts';
import { lintRules } from '#study/lint/rules.ts';
import { outcomesOf } from '#study/space/outcomes.ts';
import { Space } from '#study/space/space.ts';
import { LISTENERS, policyOptions, REQUESTS } from '../../../fixtures/random-policy.ts';
import { subject } from '../../../fixtures/subject.ts';

t.setTimeout(120_000);

const NOW = Date.parse('2026-11-22T00:00Z');
const asked = REQUESTS.map((parts) => subject(parts));
const known = asked.filter(({ destination, host }) => destination !== undefined || host.kind === 'ip');

function remarksOn(options: PolicyOptions): Remark[] {
  const space = new Space([{ policy: options, listeners: LISTENERS }], NOW);
  const { rules } = outcomesOf(space, 0);
  return lintRules({ space, policy: compilePolicy(options, 'test'), rules, nowMs: NOW });
}

/** What asking for everything says of a rule. */
function bruteForce(
  rules: readonly Rule[],
  decided: readonly (Rule | undefined)[],
  rule: Rule,
): string | undefined {
  const holds = asked.map((each) => evaluateRule(rule, each) === Tri.True);
  if (!holds.includes(true)) return 'contradictory-rule';
  if (!decided.includes(rule)) return 'unreachable-rule';
  const isShadowed = rules
    .slice(0, rule.index)
    .some(
      (earlier) =>
        earlier.action === 'allow' &&
        holds.some((value, index) => value && decided[index] === earlier) &&
        asked.some((each, index) => !holds[index] && evaluateRule(earlier, each) === Tri.True),
    );
  return rule.action === 'deny' && isShadowed ? 'shadowed-rule' : undefined;
}

t.test('lintRules() says of every rule what asking for everything says', async () => {
  fc.assert(
    fc.property(policyOptions, (options) => {
      const policy = compilePolicy(options, 'test');
      const decided = asked.map((each) => {
        const decision = decide(policy, each);
        return 'rule' in decision ? decision.rule : undefined;
      });
      const remarks = remarksOn(options);
      for (const rule of policy.rules) {
        const remark = remarks.find(({ path }) => path[1] === rule.index);
        assert.equal(remark?.code, bruteForce(policy.rules, decided, rule), `rule ${rule.name}`);
        const isShown = remark !== undefined && remark.code !== 'contradictory-rule';
        assert.equal(remark?.witness !== undefined, isShown);
      }
      assert.ok(known.length > 0);
    }),
    { seed: 5, numRuns: 40 },
  );
});

t.test('lintRules() tells of rules that have ended, and of those that will within two weeks', async (t) => {
  const ends = ['2026-11-22T00:00Z', '2026-12-06T00:00Z', '2026-12-06T00:00:01Z'].map(Date.parse);
  const access = ends.map((until, index) => ({ name: `r${index}`, allow: [`p${index}`], until }));
  const acls = Object.fromEntries(
    ends.map((_, index) => [`p${index}`, { ports: [{ first: index + 1, last: index + 1, text: '' }] }]),
  );
  t.same(
    remarksOn({ acls, access }).map(({ code, message }) => [code, message]),
    [
      ['expired-rule', 'Rule "r0" ended at 2026-11-22T00:00:00Z and never matches'],
      ['rule-ends-soon', 'Rule "r1" ends at 2026-12-06T00:00:00Z'],
    ],
  );
});

t.test('lintRules() looks beyond the end of a rule, however far ahead it is', async (t) => {
  const until = Date.parse('2030-01-01T00:00Z');
  const acls = { tls: { ports: [parsePortRange(443)] } };
  const access = [
    { name: 'contract', allow: ['tls'], until },
    { name: 'afterwards', allow: ['tls'] },
  ];
  t.same(remarksOn({ acls, access }), [], 'the second rule decides from then on');
});

/** Codes and messages of what is said of rules over the ports 1, 2, ..., each an ACL `p1`, `p2`, ... */
function saidOf(access: PolicyOptions['access']): string[] {
  const ports = [1, 2, 3, 4, 5].map((port) => [`p${port}`, { ports: [parsePortRange(port)] }]);
  const acls = { ...Object.fromEntries(ports), low: { ports: [parsePortRange('1-5')] } };
  return remarksOn({ acls, access }).map(({ code, message }) => `${code}: ${message}`);
}

t.test('lintRules() names three rules that decide before another, and counts the rest', async (t) => {
  const takers = [1, 2, 3, 4, 5].map((port) => ({ name: `r${port}`, allow: [`p${port}`] }));
  t.same(saidOf([...takers, { name: 'last', allow: ['low'] }]), [
    'unreachable-rule: No request gets to rule "last": all that it holds for is decided before it by "r1", "r2", "r3" and 2 more',
  ]);
  t.same(
    saidOf([
      { name: 'all', deny: ['low'] },
      { name: 'last', allow: ['p1'] },
    ]),
    ['unreachable-rule: No request gets to rule "last": all that it holds for is decided before it by "all"'],
  );
});

t.test('lintRules() tells rules that allow nothing from those that deny nothing', async (t) => {
  t.same(
    saidOf([
      { name: 'a', allow: ['p1', 'p2'] },
      { name: 'd', deny: ['p1', '!low'] },
    ]),
    [
      'contradictory-rule: No request matches all of p1, p2, so rule "a" never allows anything',
      'contradictory-rule: No request matches all of p1, !low, so rule "d" never denies anything',
    ],
  );
});

t.test('lintRules() takes a rule that only reports for no obstacle', async (t) => {
  t.same(
    saidOf([
      { name: 'watch', allow: ['all'], mode: 'report' },
      { name: 'd', deny: ['p1'] },
    ]),
    [],
  );
});

t.test('lintRules() leaves out a shadow that no request shows', async (t) => {
  const acls = { odd: { dstDomainRegex: [parsePattern('never')] }, tls: { ports: [parsePortRange(443)] } };
  const access = [
    { name: 'a', allow: ['odd'] },
    { name: 'd', deny: ['tls'] },
  ];
  t.same(remarksOn({ acls, access }), []);
});
