import t from 'tap';
import { wantsCredentials } from '#acl/credentials.ts';
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
  ['a deny that holds whoever it is', [deny('named_staff'), allow('all')], IP, false],
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
