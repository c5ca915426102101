import t from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { explainHop, type HopAnswer, type Names, peersAhead } from '#study/explain-hop.ts';
import { subjectOf } from '#study/question.ts';
import { statusOf } from '#study/status.ts';
import { ip } from '../../fixtures/subject.ts';
import { openTestTier } from '../../fixtures/tier.ts';

const USERS = `alice:${await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 })}\n`;

interface Row {
  readonly keys?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly sni?: string;
  readonly names?: Names;
  readonly user?: string;
  readonly unknownUser?: string;
  readonly verdict: HopAnswer['verdict'];
  readonly rule?: string;
  readonly status: string | undefined;
  readonly refused?: readonly string[];
}

const STAFF_ONLY = {
  auth: '{ usersFile: users }',
  acls: '{ staff: { users: ["*"] } }',
  access: '[{ name: strangers, deny: ["!staff"] }, { name: rest, allow: [all] }]',
};
const BY_ADDRESS = { access: '[{ name: web, allow: [web] }]' };
const ESTABLISHED = 'HTTP/1.1 200 Connection established';

const ROWS: Readonly<Record<string, Row>> = {
  'a rule that denies': {
    target: 'a.example:80',
    verdict: 'deny',
    rule: 'not-tls',
    status: 'HTTP/1.1 403 Denied by t rule not-tls',
  },
  'a rule that asks who it is': {
    keys: STAFF_ONLY,
    verdict: 'deny',
    rule: 'strangers',
    status: 'HTTP/1.1 407 Credentials wanted (t)',
  },
  'a user whom the users file has': {
    keys: STAFF_ONLY,
    user: 'alice',
    verdict: 'allow',
    rule: 'rest',
    status: ESTABLISHED,
  },
  'a user whom the users file does not have, as if nobody asked': {
    keys: STAFF_ONLY,
    user: 'mallory',
    unknownUser: 'mallory',
    verdict: 'deny',
    rule: 'strangers',
    status: 'HTTP/1.1 407 Credentials wanted (t)',
  },
  'a user where nobody can authenticate, and it does not matter': {
    user: 'alice',
    unknownUser: 'alice',
    verdict: 'allow',
    rule: 'pods',
    status: ESTABLISHED,
  },
  'no rule that allows': {
    keys: { access: '[{ name: never, allow: ["!pods"] }]' },
    verdict: 'deny',
    status: 'HTTP/1.1 403 Denied by t, no rule allows it',
  },
  'a tunnel that passes': { verdict: 'allow', rule: 'pods', status: ESTABLISHED },
  'a request that passes, which the origin answers': {
    target: 'http://a.example:443/',
    verdict: 'allow',
    rule: 'pods',
    status: undefined,
  },
  'a server name that is not the host': {
    keys: {
      acls: '{ pods: { src: [10.128.0.0/14] }, other: { sni: [b.example] } }',
      access: '[{ name: other, allow: [other] }, { name: pods, allow: [pods], sni: verify }]',
    },
    sni: 'front.example',
    verdict: 'deny',
    rule: 'pods',
    status: ESTABLISHED,
  },
  'the host for a server name': {
    keys: { access: '[{ name: pods, allow: [pods], sni: verify }]' },
    verdict: 'allow',
    rule: 'pods',
    status: ESTABLISHED,
  },
  'a rule that denies by the server name, when the tunnel is open': {
    keys: {
      acls: '{ pods: { src: [10.128.0.0/14] }, named: { sni: [a.example] } }',
      access: '[{ name: no, deny: [named] }, { name: pods, allow: [pods] }]',
    },
    verdict: 'deny',
    rule: 'no',
    status: ESTABLISHED,
  },
  'no route': {
    keys: { routes: '[{ name: out, direct: true, when: ["!pods"] }]' },
    verdict: 'deny',
    rule: 'pods',
    status: 'HTTP/1.1 500 No route (t)',
  },
  'what depends on the address': { keys: BY_ADDRESS, verdict: 'needs-address', status: undefined },
  'denials by several rules, whatever the address': {
    keys: { access: '[{ name: a, deny: [web] }, { name: b, deny: ["!web"] }, { name: c, allow: [all] }]' },
    verdict: 'deny',
    status: undefined,
  },
  'a route where every address is allowed, though by several rules': {
    keys: { access: '[{ name: a, allow: [web] }, { name: b, allow: [all] }]' },
    verdict: 'allow',
    status: ESTABLISHED,
  },
  'an address that the rules allow, and one that the guard does not': {
    keys: BY_ADDRESS,
    names: 'resolved',
    verdict: 'allow',
    rule: 'web',
    status: ESTABLISHED,
    refused: ['10.0.0.1 private use, RFC 1918'],
  },
  'an address that the rules do not allow': {
    keys: BY_ADDRESS,
    names: ip('30.1.2.3'),
    verdict: 'deny',
    status: 'HTTP/1.1 403 Denied by t, no rule allows it',
  },
  'addresses of which the guard refuses all': {
    target: 'b.example:443',
    names: 'resolved',
    verdict: 'deny',
    rule: 'pods',
    status: 'HTTP/1.1 403 Special-purpose address refused (t)',
    refused: ['10.0.0.2 private use, RFC 1918'],
  },
  'an address in the request, judged with nobody to ask': {
    target: '10.0.0.9:443',
    verdict: 'deny',
    rule: 'pods',
    status: 'HTTP/1.1 403 Special-purpose address refused (t)',
    refused: ['10.0.0.9 private use, RFC 1918'],
  },
  'a special name': {
    target: 'metadata.google.internal:443',
    verdict: 'deny',
    rule: 'pods',
    status: 'HTTP/1.1 403 Special name refused (t)',
  },
  'a name that leads nowhere, where the rules ask': {
    keys: BY_ADDRESS,
    target: 'gone.example:443',
    names: 'resolved',
    verdict: 'needs-address',
    status: 'HTTP/1.1 502 Name cannot be resolved (t)',
  },
  'a name that leads nowhere, where the guard asks': {
    target: 'gone.example:443',
    names: 'resolved',
    verdict: 'allow',
    rule: 'pods',
    status: 'HTTP/1.1 502 Name cannot be resolved (t)',
  },
};

for (const [what, row] of Object.entries(ROWS)) {
  t.test(`explainHop() foretells ${what}`, async (t) => {
    const { keys, target = 'a.example:443', sni, names = 'unknown', user, refused = [] } = row;
    const tier = await openTestTier(t, keys, { users: USERS });
    const answer = await explainHop({
      tier,
      subject: subjectOf({ ip: '10.128.0.7', target, sni, user }),
      names,
    });
    t.equal(answer.verdict, row.verdict);
    t.equal(answer.trace.rule?.name, row.rule);
    t.equal(answer.unknownUser, row.unknownUser);
    t.equal(statusOf(answer), row.status);
    t.same(
      answer.refused.map(({ address, why }) => `${address.text} ${why}`),
      refused,
    );
  });
}

t.test('explainHop() leaves names to the peers of a route', async (t) => {
  const tier = await openTestTier(t, {
    peers: '{ p: { address: p.example:3128 } }',
    routes: '[{ name: up, peers: [p] }]',
  });
  const subject = subjectOf({ ip: '10.128.0.7', target: 'gone.example:443' });
  const answer = await explainHop({ tier, subject, names: 'resolved' });
  t.match(answer, { verdict: 'allow', route: { name: 'up' }, addresses: undefined, error: undefined });
});

t.test('peersAhead() are those of the route, in their order, and none of a direct one', async (t) => {
  const peers = '{ p: { address: p.example:3128 }, q: { address: q.example:3128 } }';
  const routes = '[{ name: up, peers: [q, p], when: [pods] }, { name: out, direct: true }]';
  const tier = await openTestTier(t, { peers, routes, access: '[{ name: any, allow: [all] }]' });
  const ahead = async (ip: string) => {
    const subject = subjectOf({ ip, target: 'a.example:443' });
    const { route } = await explainHop({ tier, subject, names: 'unknown' });
    return [route?.name, ...peersAhead({ route, subject }).map(({ name }) => name)];
  };
  t.same(await ahead('10.128.0.7'), ['up', 'q', 'p']);
  t.same(await ahead('192.0.2.7'), ['out']);
  t.same(
    peersAhead({ route: undefined, subject: subjectOf({ ip: '192.0.2.7', target: 'a.example:443' }) }),
    [],
  );
});
