import t from 'tap';
import { decisionBy, halfDecisionBy, NEEDS_ADDRESS, NO_RULE } from '#acl/decision.ts';
import { compileRule } from '#acl/rule.ts';
import { compileAcls } from '#match/acl.ts';

const ACLS = compileAcls({});

t.test('decisionBy() says what the rule does', async (t) => {
  const allow = compileRule({ name: 'a', allow: ['all'] }, 0, ACLS);
  const deny = compileRule({ name: 'd', deny: ['all'] }, 1, ACLS);
  t.same(decisionBy(allow), { verdict: 'allow', rule: allow });
  t.same(decisionBy(deny), { verdict: 'deny', rule: deny });
  t.ok(Object.isFrozen(decisionBy(allow)) && Object.isFrozen(decisionBy(deny)));
});

t.test('the decisions without a rule are constants', async (t) => {
  t.same(NO_RULE, { verdict: 'deny', rule: undefined });
  t.same(NEEDS_ADDRESS, { verdict: 'needs-address' });
  t.ok(Object.isFrozen(NO_RULE) && Object.isFrozen(NEEDS_ADDRESS));
});

t.test('halfDecisionBy() names the first rule that could still allow', async (t) => {
  const allow = compileRule({ name: 'a', allow: ['all'] }, 0, ACLS);
  t.same(halfDecisionBy(allow), { verdict: 'needs-hello', rule: allow });
  t.ok(Object.isFrozen(halfDecisionBy(allow)));
});
