import t from 'tap';
import type { Acl } from '#match/acl.ts';
import { compileCondition, evaluateForAllow, evaluateForDeny, evaluateLiteral } from '#match/condition.ts';
import { Tri } from '#match/tri.ts';
import { subject } from '../../fixtures/subject.ts';

function aclThatIs(name: string, value: Tri, flags: Partial<Acl> = {}): [string, Acl] {
  return [
    name,
    {
      name,
      matchers: [],
      usesDestination: false,
      namesDomain: false,
      namesMethod: false,
      test: () => value,
      ...flags,
    },
  ];
}

const ACLS: ReadonlyMap<string, Acl> = new Map([
  aclThatIs('true', Tri.True),
  aclThatIs('false', Tri.False),
  aclThatIs('unknown', Tri.Unknown),
  aclThatIs('unheard', Tri.Unheard),
  aclThatIs('pending', Tri.Pending, { usesDestination: true }),
  aclThatIs('domain', Tri.True, { namesDomain: true }),
  aclThatIs('method', Tri.True, { namesMethod: true }),
]);

const VALUES: readonly [literals: string[], allow: Tri, deny: Tri][] = [
  [[], Tri.True, Tri.True],
  [['true'], Tri.True, Tri.True],
  [['false'], Tri.False, Tri.False],
  [['unknown'], Tri.False, Tri.True],
  [['pending'], Tri.Pending, Tri.Pending],
  [['!true'], Tri.False, Tri.False],
  [['!false'], Tri.True, Tri.True],
  [['!unknown'], Tri.False, Tri.True],
  [['!pending'], Tri.Pending, Tri.Pending],
  [['true', '!false'], Tri.True, Tri.True],
  [['true', 'false'], Tri.False, Tri.False],
  [['true', 'unknown'], Tri.False, Tri.True],
  [['unknown', 'true'], Tri.False, Tri.True],
  [['true', 'pending'], Tri.Pending, Tri.Pending],
  [['pending', 'true'], Tri.Pending, Tri.Pending],
  [['pending', 'false'], Tri.False, Tri.False],
  [['pending', 'unknown'], Tri.False, Tri.Pending],
  [['unknown', 'pending'], Tri.False, Tri.Pending],
  [['unknown', 'false'], Tri.False, Tri.False],
  [['unknown', '!unknown'], Tri.False, Tri.True],
  [['unheard'], Tri.Unheard, Tri.Unheard],
  [['!unheard', 'true'], Tri.Unheard, Tri.Unheard],
  [['unheard', 'false'], Tri.False, Tri.False],
  [['unheard', 'unknown'], Tri.False, Tri.Unheard],
  [['unknown', 'unheard'], Tri.False, Tri.Unheard],
  [['unheard', 'pending'], Tri.Pending, Tri.Pending],
  [['pending', 'unheard'], Tri.Pending, Tri.Pending],
];

for (const [literals, allow, deny] of VALUES) {
  const condition = compileCondition(literals, ACLS);
  t.test(`evaluateForAllow() of [${literals.join(', ')}]`, async (t) => {
    t.equal(evaluateForAllow(condition, subject()), allow);
  });
  t.test(`evaluateForDeny() of [${literals.join(', ')}]`, async (t) => {
    t.equal(evaluateForDeny(condition, subject()), deny);
  });
}

t.test('evaluateLiteral() negates, and leaves open what an unknown does', async (t) => {
  const valuesOf = (text: string) =>
    compileCondition([text], ACLS).literals.map((one) => evaluateLiteral(one, subject()));
  t.same(valuesOf('true'), [Tri.True]);
  t.same(valuesOf('!true'), [Tri.False]);
  t.same(valuesOf('!unknown'), [Tri.Unknown]);
});

t.test('compileCondition() keeps its literals as written', async (t) => {
  const condition = compileCondition(['true', '!false'], ACLS);
  t.match(condition.literals, [
    { text: 'true', isNegated: false, acl: { name: 'true' } },
    { text: '!false', isNegated: true, acl: { name: 'false' } },
  ]);
  t.ok(Object.isFrozen(condition) && Object.isFrozen(condition.literals[0]));
});

t.test('compileCondition() knows which phase it needs', async (t) => {
  t.equal(compileCondition(['true', '!pending'], ACLS).usesDestination, true);
  t.equal(compileCondition(['true'], ACLS).usesDestination, false);
});

t.test('compileCondition() names a domain only where the literal is not negated', async (t) => {
  t.equal(compileCondition(['true', 'domain'], ACLS).namesDomain, true);
  t.equal(compileCondition(['!domain'], ACLS).namesDomain, false);
  t.equal(compileCondition(['true'], ACLS).namesDomain, false);
});

t.test('compileCondition() names a method only where the literal is not negated', async (t) => {
  t.equal(compileCondition(['true', 'method'], ACLS).namesMethod, true);
  t.equal(compileCondition(['!method'], ACLS).namesMethod, false);
  t.equal(compileCondition(['true'], ACLS).namesMethod, false);
});

for (const text of ['ture', '!ture', '!!true', '! true', '', '!']) {
  t.test(`compileCondition() refuses "${text}"`, async (t) => {
    const name = text.replace(/^!/, '');
    const message = `ACL "${name}" is not defined, add it or correct the name`;
    t.throws(() => compileCondition([text], ACLS), { message });
  });
}
