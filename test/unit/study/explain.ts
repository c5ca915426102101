import t, { type Test } from 'tap';
import { assumedVia, type Explanation, explain } from '#study/explain.ts';
import type { Names } from '#study/explain-hop.ts';
import { keyFile } from '../../fixtures/hops.ts';
import { openTestTier } from '../../fixtures/tier.ts';

const FIRST = {
  name: 't1',
  peers: '{ p: { address: t2.example:3128, hop: true } }',
  routes: '[{ name: up, peers: [p] }]',
};
const SECOND = {
  name: 't2',
  listeners: '[{ name: door, address: 127.0.0.1:0 }]',
  acls: '{ hops: { src: [10.128.0.0/14] }, tls: { ports: [443] }, door: { listeners: [door] }, web: { dst: [20.0.0.0/8] } }',
  access: '[{ name: not-tls, deny: ["!tls"] }, { name: hops, allow: [hops, door] }]',
  hop: '{ trust: { from: [hops] } }',
};

type Keys = Readonly<Record<string, string>>;

interface Way {
  readonly first?: Keys;
  readonly second?: Keys;
  readonly target?: string;
  readonly headers?: Keys;
  readonly via?: string;
  readonly names?: Names;
}

async function ask(t: Test, way: Way): Promise<Explanation> {
  const { target = 'a.example:443', headers, via = '10.128.9.9', names = 'unknown' } = way;
  const first = await openTestTier(t, { ...FIRST, ...way.first });
  const tier = await openTestTier(t, { ...SECOND, ...way.second });
  const question = { ip: '10.128.0.7', listener: 'side', target, headers };
  return explain({ first, second: { tier, via: { address: via } }, question, names });
}

interface Row extends Way {
  readonly verdict: string;
  readonly status: string | undefined;
  readonly hops: readonly string[];
  readonly skipped?: string;
}

const ROWS: Readonly<Record<string, Row>> = {
  'both tiers, where both allow': {
    verdict: 'allow',
    status: 'HTTP/1.1 200 Connection established',
    hops: ['t1 allow', 't2 allow'],
  },
  'the refusal of the second, as it reaches the client': {
    via: '192.0.2.1',
    verdict: 'deny',
    status: 'HTTP/1.1 403 Denied by t2, no rule allows it',
    hops: ['t1 allow', 't2 deny'],
  },
  'that the second is not asked where the first denies': {
    target: 'a.example:80',
    verdict: 'deny',
    status: 'HTTP/1.1 403 Denied by t1 rule not-tls',
    hops: ['t1 deny'],
    skipped: 't1 denies',
  },
  'that the second is not asked where the first goes out itself': {
    first: { routes: '[{ name: out, direct: true }]' },
    verdict: 'allow',
    status: 'HTTP/1.1 200 Connection established',
    hops: ['t1 allow'],
    skipped: 'route out of t1 is direct',
  },
  'that the second is not asked where the first cannot resolve': {
    first: {
      routes: '[{ name: up, peers: [p], resolve: here }]',
      access: '[{ name: web, allow: [web] }]',
    },
    target: 'gone.example:443',
    names: 'resolved',
    verdict: 'needs-address',
    status: 'HTTP/1.1 502 Name cannot be resolved (t1)',
    hops: ['t1 needs-address'],
    skipped: 't1 fails',
  },
  'the second that depends on the address': {
    second: { access: '[{ name: web, allow: [web] }]' },
    verdict: 'needs-address',
    status: undefined,
    hops: ['t1 allow', 't2 needs-address'],
  },
  'the first that depends on the address': {
    first: {
      routes: '[{ name: up, peers: [p], resolve: here }]',
      access: '[{ name: web, allow: [web] }]',
    },
    verdict: 'needs-address',
    status: undefined,
    hops: ['t1 needs-address', 't2 allow'],
  },
  'a denial by the second, with no line of which it is certain, where the first depends on the address': {
    first: {
      routes: '[{ name: up, peers: [p], resolve: here }]',
      access: '[{ name: web, allow: [web] }]',
    },
    via: '192.0.2.1',
    verdict: 'deny',
    status: undefined,
    hops: ['t1 needs-address', 't2 deny'],
  },
};

for (const [what, row] of Object.entries(ROWS)) {
  t.test(`explain() tells ${what}`, async (t) => {
    const { verdict, status, hops, skipped } = await ask(t, row);
    t.equal(verdict, row.verdict);
    t.equal(status, row.status);
    t.same(
      hops.map((hop) => `${hop.tier.config.name} ${hop.verdict}`),
      row.hops,
    );
    t.equal(skipped?.why, row.skipped);
  });
}

t.test(
  'explain() asks the second tier as the first would: from its address, by its own listener, at the same time',
  async (t) => {
    const [first, second] = (await ask(t, {})).hops;
    t.match(first?.subject, { clientAddress: { text: '10.128.0.7' }, listener: 'side' });
    t.match(second?.subject, { clientAddress: { text: '10.128.9.9' }, listener: 'door', method: 'CONNECT' });
    t.equal(first?.subject.timeMs, second?.subject.timeMs);
  },
);

t.test('explain() passes the fields of plain HTTP on, and none of a CONNECT', async (t) => {
  const headers = { Accept: '*' };
  for (const [target, passedOn] of [
    ['http://a.example:443/', ['Accept', '*']],
    ['a.example:443', []],
  ] as const) {
    const [, second] = (await ask(t, { target, headers })).hops;
    t.same(second?.subject.headers, passedOn, target);
  }
});

t.test('explain() asks one tier by its first listener', async (t) => {
  const tier = await openTestTier(t);
  const question = { ip: '10.128.0.7', target: 'http://a.example:443/', at: 7 };
  const { hops, verdict } = await explain({ first: tier, question, names: 'unknown' });
  t.match(hops, [{ subject: { listener: 'main', method: 'GET', timeMs: 7 } }]);
  t.equal(verdict, 'allow');
});

t.test('explain() denies where the second tier does not believe whom the first says', async (t) => {
  const [ours, theirs] = [keyFile(t, 1), keyFile(t, 2)];
  const trust = `{ trust: { from: [hops], keyFiles: [${ours}], audience: ["t2.example:3128"] } }`;
  for (const [key, verdicts, detail] of [
    [ours, ['allow', 'allow'], undefined],
    [theirs, ['allow', 'deny'], 'Weir-Identity is refused: unknown_key'],
  ] as const) {
    const first = { hop: `{ assert: { keyFile: ${key}, labels: [app] } }` };
    const { verdict, hops } = await ask(t, { first, second: { hop: trust } });
    t.equal(verdict, verdicts[1]);
    t.same(
      hops.map((hop) => hop.verdict),
      verdicts,
    );
    t.equal(hops[1]?.error?.message, detail);
    t.equal(hops[1]?.error?.reason, detail && 'assertion_refused');
    t.equal(hops[1]?.route?.name, detail ? undefined : 'out');
  }
});

t.test('explain() takes now where no time is said', async (t) => {
  const before = Date.now();
  const [hop] = (await ask(t, {})).hops;
  t.ok(Number(hop?.subject.timeMs) >= before && Number(hop?.subject.timeMs) <= Date.now());
});

/** Trust in one network. */
const trusting = (network: string): Keys => ({
  ...SECOND,
  acls: SECOND.acls.replace('10.128.0.0/14', `"${network}"`),
});

const TRUST: Readonly<Record<string, readonly [keys: Keys, address: string | undefined]>> = {
  'the first host of the only network': [SECOND, '10.128.0.1'],
  'the first host of an IPv6 network': [trusting('2001:db8::/64'), '2001:db8:0:0:0:0:0:1'],
  'the only address': [trusting('10.128.9.9'), '10.128.9.9'],
  'the first of two addresses': [trusting('10.128.9.8/31'), '10.128.9.8'],
  'none where trust asks for no network': [{ ...SECOND, hop: '{ trust: { from: [tls] } }' }, undefined],
  'none of two networks': [
    { ...SECOND, acls: SECOND.acls.replace('10.128.0.0/14', '10.128.0.0/14, 10.0.0.0/8') },
    undefined,
  ],
  'none where trust has no network': [{ ...SECOND, hop: '{ trust: { from: ["!hops", all] } }' }, undefined],
  'none where nobody is trusted': [{ ...SECOND, hop: '{}' }, undefined],
};

for (const [what, [keys, address]] of Object.entries(TRUST)) {
  t.test(`assumedVia() is ${what}`, async (t) => {
    t.equal(assumedVia(await openTestTier(t, keys))?.address, address);
  });
}
