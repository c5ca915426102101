import t from 'tap';
import { mayDependOnUser, wantsCredentials } from '#acl/credentials.ts';
import { decide } from '#acl/decide.ts';
import type { RuleOptions } from '#acl/rule.ts';
import { allow, deny, policy } from '../../fixtures/policy.ts';
import { type SubjectParts, subject } from '../../fixtures/subject.ts';

const IP: SubjectParts = { host: '93.184.216.34' };

const CASES: readonly [title: string, access: RuleOptions[], parts: SubjectParts, expected: boolean][] = [
  ['an allow that only lacks a user', [allow('staff')], {}, true],
  ['an allow by negation that only lacks a user', [allow('!staff')], {}, true],
  ['an allow that lacks a user beside what holds', [allow('pods', 'staff', '!private')], IP, true],
  ['an allow that lacks a user beside what waits for the address', [allow('public', 'staff')], {}, true],
  ['an allow that fails anyway', [allow('staff', '!pods')], {}, false],
  ['an allow with something else unknown', [allow('staff', 'microsoft')], IP, false],
  ['an allow whose ACL fails anyway', [allow('web_staff')], {}, false],
  ['an allow whose ACL has something else unknown', [allow('named_staff')], IP, false],
  ['an allow whose ACL only lacks a user', [allow('named_staff')], {}, true],
  ['an allow that has expired', [{ ...allow('staff'), until: 0 }], {}, false],
  ['an allow that only reports', [{ ...allow('staff'), mode: 'report' }, deny('staff', '!pods')], {}, false],
  ['an allow that is not for TRACE', [allow('staff')], { method: 'TRACE' }, false],
  ['an allow before a deny that holds', [allow('staff'), deny('all')], {}, true],
  ['an allow behind a deny that holds', [deny('pods'), allow('staff')], {}, false],
  ['a deny that holds for want of a user', [deny('!staff'), allow('all')], {}, true],
  ['a deny that holds for want of a user beside what is unknown', [deny('staff', 'microsoft')], IP, true],
  ['a deny that holds by something else', [deny('pods'), allow('staff')], {}, false],
  ['a deny that would hold by what else is unknown', [deny('named_staff'), allow('all')], IP, false],
  ['a policy without users', [allow('!pods')], {}, false],
  ['somebody who has authenticated', [allow('staff')], { user: 'bob' }, false],
];

for (const [title, access, parts, expected] of CASES) {
  t.test(`wantsCredentials() of ${title}`, async (t) => {
    const compiled = policy(...access);
    const asked = subject(parts);
    const decision = decide(compiled, asked);
    t.not(decision.verdict, 'allow');
    const rule = decision.verdict === 'deny' ? decision.rule : undefined;
    t.equal(wantsCredentials(compiled, asked, rule), expected);
  });
}

t.test('wantsCredentials() is not asked of policies whose ACLs know no users', async (t) => {
  const compiled = { ...policy(allow('staff')), uses: new Set<string>() };
  t.equal(wantsCredentials(compiled, subject(), undefined), false);
});

/** For the same cases, in which nobody has authenticated: where credentials are wanted they matter too. */
const MATTERS: readonly [title: string, access: RuleOptions[], parts: SubjectParts, expected: boolean][] = [
  ...CASES.filter(([, , { user }, expected]) => user === undefined && expected),
  ['an allow with something else that fails', [allow('staff', '!all')], {}, false],
  ['an allow whose ACL fails anyway', [allow('web_staff')], {}, false],
  ['an allow that has expired', [{ ...allow('staff'), until: 0 }], {}, false],
  ['an allow that is not for TRACE', [allow('staff')], { method: 'TRACE' }, false],
  ['an allow behind a deny that holds', [deny('all'), allow('staff')], {}, false],
  ['a deny by what else is unknown, which a user could undo', [deny('named_staff'), allow('all')], IP, true],
  ['a policy without users', [deny('all')], {}, false],
];

for (const [title, access, parts, expected] of MATTERS) {
  t.test(`mayDependOnUser() of ${title}`, async (t) => {
    const compiled = policy(...access);
    const asked = subject(parts);
    const decision = decide(compiled, asked);
    const rule = decision.verdict === 'deny' ? decision.rule : undefined;
    t.equal(mayDependOnUser(compiled, asked, rule), expected);
  });
}

const NAMES = ['staff', '!staff', 'named_staff', '!named_staff', 'web_staff', 'pods', 'public', 'microsoft'];
const RULES = NAMES.flatMap((name) => [allow(name), deny(name), deny(name, 'staff')]);
const PAIRS = RULES.flatMap((one) =>
  RULES.map((other) => [one, { ...other, name: 'other' }, { ...allow('all'), name: 'rest' }]),
);

t.test('mayDependOnUser() is true of every refusal that some user would not get', async (t) => {
  let undone = 0;
  for (const [rules, parts] of PAIRS.flatMap((rules) => [{}, IP].map((parts) => [rules, parts] as const))) {
    const compiled = policy(...rules);
    const decision = decide(compiled, subject(parts));
    const isUndone = ['alice', 'bob'].some(
      (user) => decide(compiled, subject({ ...parts, user })).verdict !== 'deny',
    );
    if (decision.verdict !== 'deny' || !isUndone) continue;
    undone += 1;
    if (!mayDependOnUser(compiled, subject(parts), decision.rule)) t.fail(JSON.stringify(rules));
  }
  t.ok(undone > 20, `${undone} refusals were undone`);
});

t.test('mayDependOnUser() is not asked of policies whose ACLs know no users', async (t) => {
  const compiled = { ...policy(allow('staff')), uses: new Set<string>() };
  t.equal(mayDependOnUser(compiled, subject(), undefined), false);
});
