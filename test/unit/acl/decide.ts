import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decide, decideSoFar } from '#acl/decide.ts';
import type { Decision, HalfDecision } from '#acl/decision.ts';
import { evaluateRule, type RuleOptions } from '#acl/rule.ts';
import { Tri } from '#match/tri.ts';
import { allow, deny, policy } from '../../fixtures/policy.ts';
import { type SubjectParts, subject } from '../../fixtures/subject.ts';

/** `allow <acls>`, `deny <acls>` as the rules are named; `deny` alone where no rule decides. */
function nameOf(decision: Decision | HalfDecision): string {
  if (decision.verdict === 'needs-hello') return `half ${decision.rule.name}`;
  return decision.verdict === 'needs-address' ? decision.verdict : (decision.rule?.name ?? decision.verdict);
}

const IP: SubjectParts = { host: '93.184.216.34' };

const CASES: readonly [title: string, access: RuleOptions[], parts: SubjectParts, expected: string][] = [
  ['denies when there is no rule', [], {}, 'deny'],
  ['denies when no rule matches', [allow('!pods'), allow('!tls')], {}, 'deny'],
  ['allows by the first rule that matches', [allow('!tls'), allow('pods'), allow('all')], {}, 'allow pods'],
  ['denies by the first rule that matches', [deny('!tls'), deny('pods'), allow('all')], {}, 'deny pods'],
  ['takes the order of the rules, not of the actions', [allow('tls'), deny('all')], {}, 'allow tls'],
  ['takes a deny that stands before an allow', [deny('tls'), allow('all')], {}, 'deny tls'],

  ['does not allow by what is unknown', [allow('microsoft')], IP, 'deny'],
  ['does not allow by the negation of what is unknown', [allow('!microsoft')], IP, 'deny'],
  ['denies by what is unknown', [deny('microsoft'), allow('all')], IP, 'deny microsoft'],
  ['denies by the negation of what is unknown', [deny('!microsoft'), allow('all')], IP, 'deny !microsoft'],
  ['passes an unknown beside a false', [deny('microsoft', '!tls'), allow('all')], IP, 'allow all'],

  ['judges an address in the request at once', [allow('public')], IP, 'allow public'],
  ['denies an address in the request at once', [deny('public'), allow('all')], IP, 'deny public'],

  ['needs the address for a pending allow', [allow('public')], {}, 'needs-address'],
  [
    'needs the address for a pending allow after false rules',
    [deny('!tls'), allow('public')],
    {},
    'needs-address',
  ],
  [
    'needs the address for an allow after a pending deny',
    [deny('private'), allow('pods')],
    {},
    'needs-address',
  ],
  [
    'needs the address for a pending allow after a pending deny',
    [deny('private'), allow('public')],
    {},
    'needs-address',
  ],
  ['does not need it where a deny holds first', [deny('pods'), allow('public')], {}, 'deny pods'],
  ['does not need it where an allow holds first', [allow('pods'), deny('private')], {}, 'allow pods'],
  ['does not need it where nothing could allow', [deny('private')], {}, 'deny'],
  ['does not need it where the rules that allow fail', [deny('private'), allow('!pods')], {}, 'deny'],
  [
    'does not need it where a deny holds before the allow',
    [deny('private'), deny('pods'), allow('all')],
    {},
    'deny pods',
  ],
  [
    'does not need it where a pending deny is all that is left',
    [deny('!tls'), deny('private'), deny('public')],
    {},
    'deny',
  ],
  [
    'is not misled by a false ACL beside a pending one',
    [allow('public', '!tls'), deny('all')],
    {},
    'deny all',
  ],

  [
    'goes on after a pending deny with the address known',
    [deny('private'), allow('pods')],
    { destination: '93.184.216.34' },
    'allow pods',
  ],
  [
    'denies with the address known',
    [deny('private'), allow('pods')],
    { destination: '10.0.0.1' },
    'deny private',
  ],
];

for (const [title, access, parts, expected] of CASES) {
  // Attacks: default-deny.
  t.test(`decide() ${title}`, async (t) => {
    t.equal(nameOf(decide(policy(...access), subject(parts))), expected);
  });
}

const UNHEARD: SubjectParts = { sni: 'unheard' };

const HALVES: readonly [title: string, access: RuleOptions[], parts: SubjectParts, expected: string][] = [
  ['waits for the hello where a rule could allow by it', [allow('heard')], {}, 'half allow heard'],
  [
    'waits for it where a deny could hold before an allow',
    [deny('!heard'), allow('pods')],
    {},
    'half allow pods',
  ],
  [
    'goes by the first rule that could allow',
    [deny('heard'), allow('!heard'), allow('all')],
    {},
    'half allow !heard',
  ],
  ['does not wait where an allow holds first', [allow('pods'), allow('heard')], {}, 'allow pods'],
  ['does not wait where a deny holds first', [deny('pods'), allow('heard')], {}, 'deny pods'],
  ['does not wait where nothing could allow', [deny('heard')], {}, 'deny'],
  [
    'does not wait where a deny holds before the allow',
    [deny('heard'), deny('pods'), allow('all')],
    {},
    'deny pods',
  ],
  ['asks for the address first where a rule waits for both', [allow('public_heard')], {}, 'needs-address'],
  [
    'asks for the address first where one waits for it',
    [deny('private'), allow('heard')],
    {},
    'needs-address',
  ],
  [
    'waits for the hello with the address known',
    [allow('public_heard')],
    { destination: '93.184.216.34' },
    'half allow public_heard',
  ],
  ['denies by the address alone', [allow('public_heard')], { destination: '10.0.0.1' }, 'deny'],
];

for (const [title, access, parts, expected] of HALVES) {
  t.test(`decideSoFar() ${title}`, async (t) => {
    t.equal(nameOf(decideSoFar(policy(...access), subject({ ...UNHEARD, ...parts }))), expected);
  });
}

t.test('decide() is not for what is still to be heard', async (t) => {
  t.throws(() => decide(policy(allow('heard')), subject(UNHEARD)));
  t.equal(nameOf(decide(policy(allow('heard')), subject())), 'deny', 'and nothing heard allows nothing');
  t.equal(nameOf(decide(policy(allow('heard')), subject({ sni: 'a.microsoft.com' }))), 'allow heard');
});

t.test('decide() passes over rules that only report', async (t) => {
  const reporting = (rule: RuleOptions): RuleOptions => ({ ...rule, mode: 'report' });
  t.equal(nameOf(decide(policy(reporting(deny('all')), allow('pods')), subject())), 'allow pods');
  t.equal(nameOf(decide(policy(reporting(allow('all'))), subject())), 'deny');
  t.equal(
    nameOf(decide(policy(reporting(deny('private')), allow('pods')), subject())),
    'allow pods',
    'and resolves nothing for them',
  );
});

t.test('decide() passes over rules that have expired', async (t) => {
  const until = subject().timeMs;
  t.equal(nameOf(decide(policy({ ...allow('all'), until }, deny('pods')), subject())), 'deny pods');
  t.equal(nameOf(decide(policy({ ...allow('all'), until: until + 1 }), subject())), 'allow all');
});

t.test('decide() answers with values that the policy has ready', async (t) => {
  const compiled = policy(deny('!tls'), allow('pods'));
  t.equal(decide(compiled, subject()), compiled.decisions[1]);
  t.equal(decide(compiled, subject({ port: 80 })), compiled.decisions[0]);
  const half = policy(allow('heard'));
  t.equal(decideSoFar(half, subject(UNHEARD)), half.halfDecisions[0]);
});

const literal = fc.constantFrom(
  'pods',
  '!pods',
  'microsoft',
  '!microsoft',
  'tls',
  '!tls',
  'public',
  '!public',
  'private',
  '!private',
  'heard',
  '!heard',
  'public_heard',
  '!public_heard',
);
const literals = fc.array(literal, { minLength: 1, maxLength: 3 });
const rule = fc
  .boolean()
  .chain((isAllow) => literals.map((acls) => (isAllow ? allow(...acls) : deny(...acls))));
const access = fc.array(rule, { maxLength: 6 });
const parts: fc.Arbitrary<SubjectParts> = fc.record({
  client: fc.constantFrom('10.128.0.7', '192.0.2.1'),
  host: fc.constantFrom('login.microsoft.com', 'example.com', '93.184.216.34', '10.0.0.1'),
  port: fc.constantFrom(443, 80),
});
const ADDRESSES = ['93.184.216.34', '10.0.0.1', '192.0.2.1'];

t.test('decide() with everything known is the first rule that holds', async () => {
  const property = fc.property(access, parts, fc.constantFrom(...ADDRESSES), (rules, given, destination) => {
    const compiled = policy(...rules);
    const asked = subject({ ...given, destination });
    const first = compiled.rules.find((each) => evaluateRule(each, asked) === Tri.True);
    assert.equal(nameOf(decide(compiled, asked)), first?.name ?? 'deny');
  });
  fc.assert(property, { seed: 20_261_129 });
});

t.test('decide() never denies a name without its address where some address would be allowed', async () => {
  const property = fc.property(access, parts, (rules, given) => {
    const compiled = policy(...rules);
    const decision = decide(compiled, subject(given));
    if (decision.verdict === 'needs-address') return;
    for (const destination of subject(given).host.kind === 'ip' ? [] : ADDRESSES) {
      const known = decide(compiled, subject({ ...given, destination }));
      assert.equal(known.verdict, decision.verdict, 'the address would not have changed the verdict');
      if (decision.verdict === 'allow') assert.equal(known, decision, 'nor the rule that allows');
    }
  });
  fc.assert(property, { seed: 20_261_129 });
});

/** None, one that ACLs name, one that none names, and an address. */
const SERVER_NAMES = [{}, { sni: 'login.microsoft.com' }, { sni: 'example.com' }, { sni: '10.0.0.1' }];

t.test(
  'decideSoFar() never denies before the hello what some hello would allow, nor allows what one would not',
  async () => {
    fc.assert(
      fc.property(access, parts, fc.constantFrom(...ADDRESSES, undefined), (rules, given, destination) => {
        const compiled = policy(...rules);
        const asked = destination === undefined ? given : { ...given, destination };
        const soFar = decideSoFar(compiled, subject({ ...asked, sni: 'unheard' }));
        if (soFar.verdict === 'needs-address') return;
        const heard = SERVER_NAMES.map((name) => decide(compiled, subject({ ...asked, ...name })));
        if (soFar.verdict === 'deny') assert.ok(heard.every(({ verdict }) => verdict === 'deny'));
        if (soFar.verdict === 'allow') assert.ok(heard.every((decision) => decision === soFar));
      }),
      { seed: 5, numRuns: 2_000 },
    );
  },
);
