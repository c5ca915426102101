import t from 'tap';
import { authorise, type Permit } from '#acl/permit.ts';
import { hashPassword } from '#identity/password-hash.ts';
import { denialOf, isMismatch } from '#study/denial.ts';
import { subjectOf } from '#study/question.ts';
import { traceOf } from '#study/trace.ts';
import { openTestTier } from '../../fixtures/tier.ts';

const HASH = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });

const AUTH = {
  auth: '{ usersFile: users }',
  acls: '{ pods: { src: [10.128.0.0/14] }, web: { dst: [20.0.0.0/8] }, staff: { users: [alice] } }',
};

interface Row {
  readonly access: string;
  readonly user?: string;
  /** Undefined where that depends on the address. */
  readonly told: string | undefined;
}

const ROWS: Readonly<Record<string, Row>> = {
  'a rule that denies': { access: '{ name: a, deny: [pods] }', told: 'rule_denied by a' },
  'no rule': { access: '{ name: a, allow: ["!pods"] }', told: 'no_rule_matched' },
  'an allow rule that lacks a user': { access: '{ name: a, allow: [staff] }', told: 'credentials_wanted' },
  'a deny rule for want of a user': {
    access: '{ name: a, deny: ["!staff"] }, { name: b, allow: [all] }',
    told: 'credentials_wanted by a',
  },
  'a user whom no rule allows': {
    access: '{ name: a, allow: [staff] }',
    user: 'bob',
    told: 'no_rule_matched',
  },
  'several rules, of which the address chooses': {
    access: '{ name: a, deny: [web] }, { name: b, deny: ["!web"] }, { name: c, allow: [all] }',
    told: undefined,
  },
  'several rules that all lack a user': {
    access:
      '{ name: a, deny: ["!staff", web] }, { name: b, deny: ["!staff", "!web"] }, { name: c, allow: [all] }',
    told: 'credentials_wanted',
  },
  'several rules of which one lacks a user': {
    access: '{ name: a, deny: [web] }, { name: b, deny: ["!staff", "!web"] }, { name: c, allow: [all] }',
    told: undefined,
  },
};

for (const [what, { access, user, told }] of Object.entries(ROWS)) {
  t.test(`denialOf() a request that is denied by ${what}`, async (t) => {
    const users = `alice:${HASH}\n`;
    const tier = await openTestTier(t, { ...AUTH, access: `[${access}]` }, { users });
    const { policy, config } = tier;
    const subject = subjectOf({ ip: '10.128.0.7', target: 'a.example:443', user });
    const trace = traceOf({ policy, acls: config.policy.acls, subject });
    t.equal(trace.verdict, 'deny');
    const error = denialOf({ tier, subject, word: authorise(policy, subject), trace });
    t.equal(error && [error.reason, error.rule].filter(Boolean).join(' by '), told);
  });
}

t.test('denialOf() never asks for credentials where nobody can authenticate', async (t) => {
  const tier = await openTestTier(t, { access: '[{ name: a, allow: ["!pods"] }]' });
  const subject = subjectOf({ ip: '10.128.0.7', target: 'a.example:443' });
  const trace = traceOf({ policy: tier.policy, acls: tier.config.policy.acls, subject });
  const word = { granted: false, rule: undefined, wantsCredentials: true } as const;
  t.match(denialOf({ tier, subject, word, trace }), { reason: 'no_rule_matched' });
});

t.test('isMismatch() is what sni: verify cuts', async (t) => {
  const asked = { ip: '10.128.0.7', target: 'a.example:443' };
  for (const [sni, question, expected] of [
    ['verify', asked, false],
    ['verify', { ...asked, sni: 'b.example' }, true],
    ['verify', { ...asked, sni: '' }, true],
    ['verify', { ...asked, target: 'http://a.example/' }, false],
    ['log', { ...asked, sni: 'b.example' }, false],
  ] as const) {
    const tier = await openTestTier(t, { access: `[{ name: a, allow: [all], sni: ${sni} }]` });
    const subject = subjectOf(question);
    const permit = authorise(tier.policy, subject) as Permit;
    t.equal(isMismatch(permit, subject), expected, JSON.stringify([sni, question]));
  }
});
