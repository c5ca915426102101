import t from 'tap';
import { compilePolicy } from '#acl/policy.ts';
import { parsePortRange } from '#match/ports.ts';

const OPTIONS = {
  acls: { tls: { ports: [parsePortRange(443)] } },
  access: [
    { name: 'not-tls', deny: ['!tls'] },
    { name: 'rest', allow: ['all'] },
  ],
};

t.test('compilePolicy() keeps the order of the rules', async (t) => {
  const policy = compilePolicy(OPTIONS, 'sha256:1');
  t.equal(policy.hash, 'sha256:1');
  t.same(
    policy.rules.map(({ name, index, action }) => [name, index, action]),
    [
      ['not-tls', 0, 'deny'],
      ['rest', 1, 'allow'],
    ],
  );
  t.same([...policy.acls.keys()], ['all', 'tls']);
});

t.test('compilePolicy() tells the rules that decide from those that only report', async (t) => {
  const access = [{ name: 'pilot', allow: ['tls'], mode: 'report' } as const, ...OPTIONS.access];
  const { rules, enforced, reporting } = compilePolicy({ ...OPTIONS, access }, '');
  t.same(enforced, rules.slice(1));
  t.same(reporting, rules.slice(0, 1));
});

t.test('compilePolicy() has one decision per rule', async (t) => {
  const { rules, decisions } = compilePolicy(OPTIONS, '');
  t.same(decisions, [
    { verdict: 'deny', rule: rules[0] },
    { verdict: 'allow', rule: rules[1] },
  ]);
});

t.test('compilePolicy() knows which keys its ACLs have', async (t) => {
  t.same(compilePolicy(OPTIONS, '').uses, new Set(['ports']));
});

t.test('compilePolicy() freezes what it makes', async (t) => {
  const policy = compilePolicy(OPTIONS, '');
  for (const value of [policy, ...policy.rules, ...policy.decisions]) t.ok(Object.isFrozen(value));
});

// Attacks: default-deny.
t.test('compilePolicy() takes a policy without rules, which denies', async (t) => {
  t.same(compilePolicy({ acls: {}, access: [] }, '').rules, []);
});

t.test('compilePolicy() refuses a rule over an ACL that is not defined', async (t) => {
  const access = [{ name: 'rest', allow: ['tsl'] }];
  t.throws(() => compilePolicy({ ...OPTIONS, access }, ''), { message: /^ACL "tsl" is not defined/ });
});
