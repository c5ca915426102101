import t, { type Test } from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { type ChainQuestion, explain } from '#study/explain.ts';
import { explanationJson, renderExplanation } from '#study/render-explanation.ts';
import { keyFile } from '../../fixtures/hops.ts';
import { openTestTier } from '../../fixtures/tier.ts';
import { Issuer } from '../../fixtures/tls.ts';

const UP = {
  peers: '{ p: { address: p.example:3128 }, q: { address: q.example:3128 } }',
  routes: '[{ name: up, peers: [p, q], balance: roundRobin }]',
};

type Keys = Readonly<Record<string, string>>;

async function chain(
  t: Test,
  tiers: readonly Keys[],
  rest: Partial<ChainQuestion> = {},
): Promise<ChainQuestion> {
  const [keys, behind] = tiers;
  const first = await openTestTier(t, keys);
  const second = behind && { tier: await openTestTier(t, behind), via: { address: '10.128.9.9' } };
  const question = { ip: '10.128.0.7', target: 'a.example:443', at: 0 };
  return { first, second, question, names: 'unknown', ...rest };
}

/** The text, with the directory of the test left out. */
async function rendered(
  t: Test,
  tiers: readonly Keys[],
  rest: Partial<ChainQuestion> = {},
): Promise<string[]> {
  const text = renderExplanation(await explain(await chain(t, tiers, rest)));
  return text.replaceAll(/[^ (\n]*\/(?=\w+\.yaml)/g, '').split('\n');
}

t.test('renderExplanation() tells each rule with its place, and the way out', async (t) => {
  t.same(await rendered(t, [UP]), [
    'allowed: the client sees HTTP/1.1 200 Connection established',
    '',
    't (t.yaml): CONNECT a.example:443, client 10.128.0.7, listener main',
    '  no  deny  not-tls  t.yaml:4:10  !tls: port 443 is in tls',
    '  yes allow pods     t.yaml:4:45  pods: client 10.128.0.7 is in pods (10.128.0.0/14)',
    '  allowed by pods',
    '  route up: p p.example:3128, then q q.example:3128 (roundRobin)',
    '',
  ]);
});

t.test('An explanation has the weights of peers, and the order in which a hash tries them', async (t) => {
  const keys = {
    peers: '{ p: { address: p.example:1, weight: 3 }, q: { address: q.example:1 } }',
    routes: '[{ name: up, peers: [p, q], balance: domainHash }]',
  };
  const orders = new Set<string>();
  for (let i = 0; i < 12; i += 1) {
    const question = { ip: '10.128.0.7', target: `h${i}.example:443`, at: 0 };
    const lines = await rendered(t, [keys], { question });
    orders.add(String(lines.find((line) => line.includes('route up'))).trim());
  }
  t.same([...orders].sort(), [
    'route up: p p.example:1 weight 3, then q q.example:1 (domainHash)',
    'route up: q q.example:1, then p p.example:1 weight 3 (domainHash)',
  ]);
  t.match(explanationJson(await explain(await chain(t, [keys]))), {
    hops: [{ balance: 'domainHash', peers: [{ weight: Number }, { weight: Number }] }],
  });
});

t.test('renderExplanation() tells what the guard refuses', async (t) => {
  const lines = await rendered(t, [{}], { names: 'resolved' });
  t.same(lines.slice(5), [
    '  allowed by pods',
    '  a.example leads to 10.0.0.1, 20.1.2.3',
    '  10.0.0.1 is not dialled: private use, RFC 1918',
    '  route out: direct',
    '',
  ]);
});

t.test('renderExplanation() tells from which address a direct route leads out', async (t) => {
  const routes = '[{ name: out, direct: true, sourceAddress: 10.0.0.5 }]';
  const lines = await rendered(t, [{ routes }], { names: 'resolved' });
  t.equal(lines.at(-2), '  route out: direct, from 10.0.0.5');
});

t.test('renderExplanation() tells that the guard was not asked, and that the origin answers', async (t) => {
  const lines = await rendered(t, [{}], {
    question: { ip: '10.128.0.7', target: 'http://a.example:443/', at: 0 },
  });
  t.equal(lines[0], 'allowed: the client sees the answer of the origin');
  t.same(lines.slice(-4), [
    '  cache: not used, rule pods has no "cache: true"',
    '  route out: direct',
    '  the guard of t has still to judge the addresses: --resolve',
    '',
  ]);
});

t.test('renderExplanation() tells what it may come to', async (t) => {
  const lines = await rendered(t, [{ access: '[{ name: web, allow: [web] }]' }]);
  t.same(
    [lines[0], ...lines.slice(3, 7)],
    [
      'depends on the address: name it by --address, or have it resolved by --resolve',
      '  ?   allow web  t.yaml:4:10  web: address of a.example is not known yet, and web depends on it',
      '  an address such as 20.0.0.0 is allowed by web',
      '  an address such as 21.0.0.0 is denied by no rule',
      '  depends on the address',
    ],
  );
});

t.test('renderExplanation() tells that nothing matched', async (t) => {
  const lines = await rendered(t, [{ access: '[{ name: never, allow: ["!pods"] }]' }]);
  t.equal(lines.at(-2), '  denied, no rule matched, reason no_rule_matched');
});

t.test('renderExplanation() tells of an answer that is not certain', async (t) => {
  const keys = {
    access: '[{ name: a, deny: [web] }, { name: b, deny: ["!web"] }, { name: c, allow: [all] }]',
  };
  const [first, ...rest] = await rendered(t, [keys]);
  t.equal(first, 'denied: with which answer depends on the address');
  t.equal(rest.at(-2), '  denied');
});

t.test('renderExplanation() tells which tier is not asked', async (t) => {
  const lines = await rendered(t, [{ name: 't1' }, { name: 't2' }]);
  t.same(lines.slice(-2), ['t2 (t2.yaml) is not asked: route out of t1 is direct', '']);
});

t.test('renderExplanation() tells where the second tier is taken to see the first come from', async (t) => {
  const parts = await chain(t, [{ ...UP, name: 't1' }, { name: 't2' }]);
  const via = { address: '10.128.0.1', assumedFrom: '10.128.0.0/14' };
  const explanation = await explain({ ...parts, second: parts.second && { ...parts.second, via } });
  const [, first = '', second = ''] = renderExplanation(explanation).split('\n\n');
  t.notMatch(first, 'assumed');
  t.match(
    second,
    '\n  client 10.128.0.1 is assumed, out of 10.128.0.0/14 in hop.trust.from: --via says another\n',
  );
  t.match(explanationJson(explanation), { hops: [{ assumedFrom: null }, { assumedFrom: '10.128.0.0/14' }] });
});

const LIMITED = {
  limits: '{ few: { per: source, requests: 10/s, tunnels: 5 } }',
  access: '[{ name: closed, deny: [web] }, { name: pods, allow: [pods], limit: few }]',
};

t.test('renderExplanation() tells the limit that a request would count under', async (t) => {
  const lines = await rendered(t, [LIMITED], {
    names: 'resolved',
    question: { ip: '10.128.0.7', target: '1.2.3.4:443', at: 0 },
  });
  t.same(lines.slice(5, 7), ['  allowed by pods', '  limit few: requests, tunnels per source']);
  const inCluster = await rendered(t, [{ ...LIMITED, kubernetes: '{ identity: true }' }], {
    question: { ip: '10.128.0.7', target: '1.2.3.4:443', at: 0 },
  });
  t.match(inCluster.join('\n'), 'tunnels per source, shared out among the ready pods of the tier');
  const limits = LIMITED.limits.replace('{', '{ store: { redis: { url: "redis://127.0.0.1" } },');
  const inRedis = await rendered(t, [{ ...LIMITED, limits, kubernetes: '{ identity: true }' }], {
    question: { ip: '10.128.0.7', target: '1.2.3.4:443', at: 0 },
  });
  t.match(inRedis.join('\n'), 'tunnels per source, counted in Redis');
});

const HASH = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });
const ASKED_BY = { question: { ip: '10.128.0.7', target: 'a.example:443', at: 0, user: 'mallory' } };

t.test('renderExplanation() tells of a user who is none', async (t) => {
  t.equal((await rendered(t, [{}], ASKED_BY))[3], '  user mallory is nobody to t: it has no auth');
  const tier = await openTestTier(t, { auth: '{ usersFile: users }' }, { users: `alice:${HASH}\n` });
  const explanation = await explain({ first: tier, ...ASKED_BY, names: 'unknown' });
  t.match(
    renderExplanation(explanation),
    '\n  user mallory is nobody to t: auth.usersFile has no such line\n',
  );
  t.match(explanationJson(explanation), { hops: [{ unknownUser: 'mallory' }] });
});

const STATIC = {
  '{ namespace: api, pod: api-0, podLabels: { app: api, team: x } }': {
    line: '  client is namespace api, pod api-0, labels app=api team=x, by identity.static 10.128.0.0/16',
    identity: {
      namespace: 'api',
      pod: 'api-0',
      serviceAccount: null,
      labels: { app: 'api', team: 'x' },
      namespaceLabels: null,
    },
  },
  '{ namespace: api, serviceAccount: builder, namespaceLabels: { team: a } }': {
    line: '  client is namespace api, service account builder, labels of the namespace team=a, by identity.static 10.128.0.0/16',
    identity: {
      namespace: 'api',
      pod: null,
      serviceAccount: 'builder',
      labels: null,
      namespaceLabels: { team: 'a' },
    },
  },
};

for (const [entry, { line, identity }] of Object.entries(STATIC)) {
  t.test(`An explanation has who the client is, where a configuration says ${entry}`, async (t) => {
    const keys = { identity: `{ static: { 10.128.0.0/16: ${entry} } }` };
    t.equal((await rendered(t, [keys]))[3], line);
    const { hops } = explanationJson(await explain(await chain(t, [keys]))) as { hops: object[] };
    t.match(hops, [{ identityBy: 'identity.static 10.128.0.0/16' }]);
    t.same(Object(hops[0]).identity, identity);
  });
}

t.test(
  'An explanation has who the client is by the question, with no words of a configuration',
  async (t) => {
    const question = { ip: '10.128.0.7', target: 'a.example:443', at: 0, namespace: 'web' };
    const lines = await rendered(t, [{}], { question });
    t.notOk(lines.some((line) => line.includes('client is')));
    t.match(explanationJson(await explain(await chain(t, [{}], { question }))), {
      hops: [{ identity: { namespace: 'web', labels: null }, identityBy: null }],
    });
  },
);

t.test('An explanation has why the second tier does not believe the first', async (t) => {
  const [ours, theirs] = [keyFile(t, 1), keyFile(t, 2)];
  const peers = '{ p: { address: t2.example:3128, hop: true } }';
  const routes = '[{ name: up, peers: [p] }]';
  const tiers = [
    { name: 't1', peers, routes, hop: `{ assert: { keyFile: ${theirs}, labels: [app] } }` },
    {
      name: 't2',
      hop: `{ trust: { from: [pods], keyFiles: [${ours}], audience: ["t2.example:3128"] } }`,
    },
  ];
  const lines = await rendered(t, tiers);
  t.ok(lines.includes('  Weir-Identity is refused: unknown_key'));
  const [first = {}] = tiers;
  const strangers = await rendered(t, [first, { name: 't2' }]);
  t.ok(
    strangers.includes(
      '  nobody tells who asks: there is no hop.trust.from of t2, which removes what t1 says',
    ),
  );
  t.match(explanationJson(await explain(await chain(t, tiers))), {
    verdict: 'deny',
    hops: [{ reason: null }, { reason: 'assertion_refused', route: null, identity: null, identityBy: null }],
  });
});

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const own = await issuer.issue('t2.example');

t.test(
  'An explanation has what hops want of each other, and what the ClientHello is held against',
  async (t) => {
    const key = keyFile(t, 1);
    const certificate = `cert: ${own.certFile}, key: ${own.keyFile}`;
    const sni = (word: string): string => `[{ name: pods, allow: [pods], sni: ${word} }]`;
    const tiers = [
      {
        name: 't1',
        peers: `{ p: { address: t2.example:3128, hop: true, tls: { ca: ${issuer.caFile}, ${certificate} } }, q: { address: q.example:1 } }`,
        routes: '[{ name: up, peers: [p, q] }]',
        access: sni('verify'),
        identity: '{ static: { 10.128.0.0/16: { namespace: api } } }',
        hop: `{ assert: { keyFile: ${key} } }`,
      },
      {
        name: 't2',
        listeners: `[{ name: door, address: 127.0.0.1:3128, tls: { ${certificate}, clientCa: ${issuer.caFile} } }]`,
        access: sni('log'),
        hop: `{ trust: { from: [pods], keyFiles: [${key}], audience: ["t2.example:3128"] } }`,
      },
    ];
    const lines = await rendered(t, tiers);
    for (const line of [
      '  sni verify: the ClientHello has to name a.example',
      '  peer p: mutual TLS, its certificate has to name t2.example; it is told who asks (hop.assert)',
      '  listener door: mutual TLS, with a certificate of clientCa',
      '  client is namespace api, by hop.assert of t1',
      '  sni log: server name and ALPN of the ClientHello are recorded',
    ])
      t.ok(lines.includes(line), `${line}\n${lines.join('\n')}`);
    t.notOk(
      lines.some((line) => line.startsWith('  peer q')),
      'a peer of which there is nothing to say',
    );
    const json = explanationJson(await explain(await chain(t, tiers)));
    const peers = [
      { name: 'p', tls: 'mutual TLS', serverName: 't2.example', isTold: true },
      { name: 'q', tls: null, serverName: null, isTold: false },
    ];
    t.match(json, {
      hops: [
        { tls: null, sni: 'verify', untold: null, peers },
        { tls: 'mutual TLS', sni: 'log' },
      ],
    });
  },
);

t.test('explanationJson() has the limit with its numbers, and none where no rule has one', async (t) => {
  const limit = { name: 'few', per: 'source', requests: { perSecond: 10, burst: 20 }, tunnels: 5 };
  const question = { ip: '10.128.0.7', target: '1.2.3.4:443', at: 0 };
  t.match(explanationJson(await explain(await chain(t, [LIMITED], { question }))), {
    hops: [{ rule: 'pods', limit, limitCountedBy: 'host' }],
  });
  t.match(explanationJson(await explain(await chain(t, [{}]))), {
    hops: [{ rule: 'pods', limit: null, limitCountedBy: null }],
  });
});

t.test('explanationJson() has the reason of a denial, and no route', async (t) => {
  const question = { ip: '10.128.0.7', target: 'a.example:80', at: 0 };
  t.match(explanationJson(await explain(await chain(t, [{}], { question }))), {
    verdict: 'deny',
    hops: [{ rule: 'not-tls', reason: 'rule_denied', route: null, peers: [] }],
  });
});

t.test('explanationJson() has the whole of it', async (t) => {
  const parts = await chain(t, [{ ...UP, name: 't1' }, { name: 't2' }], { names: 'resolved' });
  const json = explanationJson(await explain(parts));
  t.match(json, {
    verdict: 'allow',
    status: 'HTTP/1.1 200 Connection established',
    hops: [
      {
        hop: 't1',
        verdict: 'allow',
        rule: 'pods',
        reason: null,
        route: 'up',
        client: '10.128.0.7',
        unknownUser: null,
        peers: [{ name: 'p', address: 'p.example:3128' }, { name: 'q' }],
        addresses: null,
        trace: [
          {
            rule: 'not-tls',
            action: 'deny',
            mode: 'enforce',
            matched: false,
            line: 4,
            column: 10,
            literals: [{ value: 'false' }],
          },
          { rule: 'pods', matched: true, because: /^pods: client/ },
        ],
      },
      {
        hop: 't2',
        client: '10.128.9.9',
        route: 'out',
        addresses: ['10.0.0.1', '20.1.2.3'],
        refused: [{ address: '10.0.0.1', why: /private/ }],
        outcomes: [],
      },
    ],
  });
});

t.test('explanationJson() has the tier that is not asked, and every outcome', async (t) => {
  const access = '[{ name: web, allow: [web] }]';
  const json = explanationJson(await explain(await chain(t, [{ name: 't1', access }, { name: 't2' }])));
  t.match(json, {
    verdict: 'needs-address',
    status: null,
    hops: [
      {
        rule: null,
        outcomes: [
          { verdict: 'allow', rule: 'web', address: '20.0.0.0' },
          { verdict: 'deny', rule: null, address: '21.0.0.0' },
        ],
        trace: [{ matched: null }],
      },
      {
        hop: 't2',
        verdict: null,
        trace: [{ matched: null, because: /^not asked: route out/ }, { rule: 'pods' }],
      },
    ],
  });
});
