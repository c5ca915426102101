import t from 'tap';
import { authorise, authoriseAddresses, type Denial, isPermit, type Permit } from '#acl/permit.ts';
import type { Policy } from '#acl/policy.ts';
import type { RuleOptions } from '#acl/rule.ts';
import type { Subject } from '#match/subject.ts';
import type { IpAddress } from '#net/ip.ts';
import { allow, deny, policy } from '../../fixtures/policy.ts';
import { ip, subject } from '../../fixtures/subject.ts';

/** Never called: its body has to compile, errors as expected. */
export function aPermitCannotBeMadeUp(genuine: Permit, denial: Denial, compiled: Policy): Permit[] {
  const { granted, rule, policyHash, addresses } = genuine;
  // @ts-expect-error A plain object with the same fields is not a permit.
  const plain: Permit = { granted, rule, policyHash, addresses };
  // @ts-expect-error Nor is a copy of one.
  const copy: Permit = { ...genuine };
  // @ts-expect-error Nor is a denial.
  const refused: Permit = denial;
  // @ts-expect-error Nor is an answer that nobody has looked at.
  const unchecked: Permit = authorise(compiled, subject());
  // @ts-expect-error The class is exported as a type only.
  const made: Permit = new Permit(rule, policyHash, addresses);
  return [plain, copy, refused, unchecked, made];
}

t.test('authorise() grants what the policy allows', async (t) => {
  const compiled = policy(allow('pods'));
  const permit = authorise(compiled, subject());
  t.match(permit, {
    granted: true,
    rule: compiled.rules[0],
    policyHash: 'sha256:test',
    addresses: undefined,
  });
  t.ok(isPermit(permit));
});

t.test('authorise() puts the address that the client asked for into the permit', async (t) => {
  const asked = subject({ host: '93.184.216.34' });
  const permit = authorise(policy(allow('public')), asked);
  t.match(permit, { granted: true, addresses: [asked.host.address] });
});

t.test('authorise() denies what a rule denies, and what no rule allows', async (t) => {
  const compiled = policy(deny('pods'));
  t.same(authorise(compiled, subject()), {
    granted: false,
    rule: compiled.rules[0],
    wantsCredentials: false,
  });
  t.same(authorise(compiled, subject({ client: '192.0.2.1' })), {
    granted: false,
    rule: undefined,
    wantsCredentials: false,
  });
});

t.test('authorise() says when the policy needs an address', async (t) => {
  t.equal(authorise(policy(allow('public')), subject()), 'needs-address');
});

t.test('authorise() gives half a permit where a hello could allow', async (t) => {
  const compiled = policy(deny('!heard'), allow('pods'));
  const half = authorise(compiled, subject({ sni: 'unheard' }));
  t.ok(isPermit(half));
  t.match(half, { granted: true, rule: compiled.rules[1], needsHello: true, addresses: undefined });
  const asked = subject({ sni: 'unheard', host: '93.184.216.34' });
  t.match(authorise(compiled, asked), { needsHello: true, addresses: [asked.host.address] });
  t.match(authorise(compiled, subject({ sni: 'a.microsoft.com' })), { granted: true, needsHello: false });
});

t.test('authorise() asks for the address before the hello where any rule in force does', async (t) => {
  const reporting: RuleOptions = { ...deny('private'), mode: 'report' };
  const asked = subject({ sni: 'unheard' });
  t.equal(authorise(policy(allow('heard'), allow('public')), asked), 'needs-address');
  t.match(authorise(policy(allow('heard'), reporting), asked), { needsHello: true });
  const numeric = subject({ sni: 'unheard', host: '93.184.216.34' });
  t.match(authorise(policy(allow('heard'), allow('public')), numeric), { needsHello: true });
});

// Attacks: no-dial.
t.test('isPermit() knows a permit from what looks like one', async (t) => {
  const permit = authorise(policy(allow('pods')), subject());
  t.notOk(isPermit({ ...(permit as Permit) }));
  t.notOk(isPermit(Object.create(permit as Permit)));
  for (const value of [undefined, null, 'needs-address', true]) t.notOk(isPermit(value));
});

const PUBLIC = '93.184.216.34';
const PRIVATE = '10.0.0.1';
const ELSEWHERE = '192.0.2.1';

const GRANTS: readonly [
  title: string,
  access: RuleOptions[],
  given: string[],
  rule: string,
  kept: string[],
][] = [
  ['all addresses of one rule', [allow('pods')], [PUBLIC, PRIVATE], 'allow pods', [PUBLIC, PRIVATE]],
  ['only the allowed ones', [allow('public')], [PRIVATE, PUBLIC, ELSEWHERE], 'allow public', [PUBLIC]],
  ['what a deny rule leaves', [deny('private'), allow('all')], [PRIVATE, PUBLIC], 'allow all', [PUBLIC]],
  [
    'only those of the rule that allows the first one',
    [allow('public'), allow('private')],
    [ELSEWHERE, PRIVATE, PUBLIC, '10.0.0.2'],
    'allow private',
    [PRIVATE, '10.0.0.2'],
  ],
];

for (const [title, access, given, rule, kept] of GRANTS) {
  t.test(`authoriseAddresses() keeps ${title}`, async (t) => {
    const permit = authoriseAddresses(policy(...access), subject(), given.map(ip));
    t.ok(isPermit(permit));
    t.match(permit, { granted: true, rule: { name: rule }, policyHash: 'sha256:test' });
    t.same((permit as Permit).addresses, kept.map(ip));
    t.ok(Object.isFrozen((permit as Permit).addresses));
  });
}

t.test(
  'authoriseAddresses() keeps addresses of one kind: those allowed, or those that a hello could allow',
  async (t) => {
    const asked = subject({ sni: 'unheard' });
    const given = [PRIVATE, PUBLIC, ELSEWHERE].map(ip);
    const half = authoriseAddresses(policy(deny('private'), allow('public_heard')), asked, given);
    t.match(half, { granted: true, needsHello: true, rule: { name: 'allow public_heard' } });
    t.same((half as Permit).addresses, [ip(PUBLIC)]);
    const mixed = policy(allow('private'), deny('!heard', 'public'), allow('public'));
    const whole = authoriseAddresses(mixed, asked, given);
    t.match(whole, { granted: true, needsHello: false, rule: { name: 'allow private' } });
    t.same((whole as Permit).addresses, [ip(PRIVATE)]);
    t.match(authoriseAddresses(policy(deny('heard'), allow('pods')), asked, given), { needsHello: true });
    t.match(authoriseAddresses(policy(allow('public_heard')), asked, [ip(PRIVATE)]), { granted: false });
  },
);

const DENIALS: readonly [title: string, access: RuleOptions[], given: string[], rule: string | undefined][] =
  [
    ['by the rule of the first address', [deny('private'), deny('public')], [PUBLIC, PRIVATE], 'deny public'],
    ['for want of a rule', [allow('public')], [PRIVATE, ELSEWHERE], undefined],
    ['by no rule where only a later address has one', [deny('private')], [ELSEWHERE, PRIVATE], undefined],
    ['where there is no address', [allow('all')], [], undefined],
  ];

for (const [title, access, given, rule] of DENIALS) {
  t.test(`authoriseAddresses() denies ${title}`, async (t) => {
    const denial = authoriseAddresses(policy(...access), subject(), given.map(ip));
    t.equal(denial.granted, false);
    t.equal(denial.rule?.name, rule);
  });
}

t.test('authoriseAddresses() leaves the subject as it is, and reads it through getters', async (t) => {
  const asked = subject({ method: 'GET', listener: 'main' });
  class Live implements Subject {
    readonly #asked = asked;
    readonly destination: IpAddress | undefined = undefined;
    get clientAddress() {
      return this.#asked.clientAddress;
    }
    get listener() {
      return this.#asked.listener;
    }
    get method() {
      return this.#asked.method;
    }
    get host() {
      return this.#asked.host;
    }
    get port() {
      return this.#asked.port;
    }
    get timeMs() {
      return this.#asked.timeMs;
    }
    get requestUrl() {
      return this.#asked.requestUrl;
    }
    get headers() {
      return this.#asked.headers;
    }
    get user() {
      return this.#asked.user;
    }
    get identity() {
      return this.#asked.identity;
    }
    get clientCert() {
      return this.#asked.clientCert;
    }
    get sni() {
      return this.#asked.sni;
    }
  }
  const live = new Live();
  t.ok(authoriseAddresses(policy(allow('pods', 'microsoft', 'tls', 'public')), live, [ip(PUBLIC)]).granted);
  t.equal(live.destination, undefined);
});

t.test('authorise() and authoriseAddresses() say where credentials might have helped', async (t) => {
  const compiled = policy(allow('staff', 'public'), deny('private'));
  t.match(authorise(policy(allow('staff')), subject()), { granted: false, wantsCredentials: true });
  t.match(authorise(policy(allow('staff')), subject({ user: 'bob' })), { wantsCredentials: false });
  const denials: readonly [addresses: string[], expected: boolean][] = [
    [[PRIVATE, PUBLIC], true],
    [[PRIVATE, ELSEWHERE], false],
    [[], false],
  ];
  for (const [addresses, expected] of denials) {
    const denial = authoriseAddresses(compiled, subject(), addresses.map(ip));
    t.match(denial, { granted: false, wantsCredentials: expected }, addresses.join(' '));
  }
});
