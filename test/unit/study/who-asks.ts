import t, { type Test } from 'tap';
import { parseConfig } from '#config/load.ts';
import { explain } from '#study/explain.ts';
import { explainHop } from '#study/explain-hop.ts';
import type { Question } from '#study/question.ts';
import { explanationJson, renderExplanation } from '#study/render-explanation.ts';
import type { Tier } from '#study/tier.ts';
import { tierOf } from '#study/tier.ts';
import { askedNext, askedOf } from '#study/who-asks.ts';
import { keyFile } from '../../fixtures/hops.ts';
import { yamlOf } from '../../fixtures/proxy.ts';
import { Issuer } from '../../fixtures/tls.ts';

const STATIC =
  '{ static: { 10.1.0.0/16: { namespace: api, pod: api-0, podLabels: { app: api, team: x } } } }';
const TARGET = 'login.microsoft.com:443';

/** `K1` and `K2` stand for files of keys. */
const TRUST = '{ trust: { from: [t1], keyFiles: [K1], audience: ["t2.example:3128"] } }';
const ASSERT = '{ assert: { keyFile: K1, labels: [app] } }';

async function tier(t: Test, keys: Readonly<Record<string, string>>): Promise<Tier> {
  const yaml = yamlOf(keys);
  const file = `${t.testdir({ 'x.yaml': yaml })}/x.yaml`;
  return tierOf(file, await parseConfig(yaml, { file }));
}

function first(t: Test, keys: Readonly<Record<string, string>> = {}): Promise<Tier> {
  const peers = '{ a: { address: t2.example:3128, hop: true } }';
  return tier(t, { name: 't1', identity: STATIC, peers, routes: '[{ name: out, peers: [a] }]', ...keys });
}

function second(t: Test, keys: Readonly<Record<string, string>> = {}): Promise<Tier> {
  const acls =
    '{ t1: { src: [10.9.0.0/16] }, api: { namespaces: [api], podLabels: { app: api } }, x: { podLabels: { team: x } } }';
  const access = '[{ name: x, allow: [x] }, { name: api, allow: [api] }]';
  return tier(t, { name: 't2', acls, access, ...keys });
}

t.test('askedOf() goes by the question, then by the table', async (t) => {
  const one = await first(t);
  t.match(askedOf(one, { ip: '10.1.2.3', target: TARGET }), {
    subject: { listener: 'main', identity: { namespace: 'api', pod: 'api-0', hasAllLabels: true } },
    by: 'identity.static 10.1.0.0/16',
  });
  const said = askedOf(one, { ip: '10.1.2.3', target: TARGET, namespace: 'web' });
  t.match(said.subject.identity, { namespace: 'web', pod: undefined });
  t.equal(said.by, undefined);
  t.equal(askedOf(one, { ip: '10.2.2.3', target: TARGET }).subject.identity, undefined);
});

/** What the second tier, which trusts the first, is asked of what the first passes on. */
async function passedOn(t: Test, parts: Partial<Question>, keys: Readonly<Record<string, string>> = {}) {
  const key = keyFile(t, 1);
  const from = await first(t, { hop: ASSERT.replace('K1', key), ...keys });
  const to = await second(t, { hop: TRUST.replace('K1', key) });
  const question = { ip: '10.1.2.3', target: TARGET, ...parts };
  const answer = await explainHop({ tier: from, ...askedOf(from, question), names: 'unknown' });
  return askedNext(answer, to, { question, via: '10.9.0.1' });
}

t.test(
  'askedNext() passes on of the labels those that are to be told, and none where none are known',
  async (t) => {
    const whole = await passedOn(t, {});
    t.match(whole.subject.identity, { namespace: 'api', hasAllLabels: false });
    t.same(whole.subject.identity?.podLabels, new Map([['app', 'api']]));
    const told = await passedOn(t, { namespace: 'api', namespaceLabels: { team: 'a' } });
    t.equal(told.subject.identity?.namespaceLabels, undefined, 'which no hop tells');
    const unlabelled = await passedOn(t, { namespace: 'web' });
    t.match(unlabelled.subject.identity, { namespace: 'web', hasAllLabels: false });
    t.same(unlabelled.subject.identity?.podLabels, new Map());
  },
);

t.test('askedNext() tells nobody where the first goes out itself', async (t) => {
  const asked = await passedOn(t, {}, { routes: '[{ name: out, direct: true }]' });
  t.same([asked.subject.identity, asked.by, asked.flaw], [undefined, undefined, undefined]);
});

t.test('askedNext() says why, where the first does not know who the client is', async (t) => {
  const { untold } = await passedOn(t, { ip: '10.2.2.3' });
  t.equal(untold, 't1 does not know who the client is, and tells its address alone');
});

t.test('askedNext() passes the fields of plain HTTP on, and none of a CONNECT', async (t) => {
  const headers = { Accept: '*' };
  const plain = await passedOn(t, { target: 'http://login.microsoft.com:443/', headers });
  t.same(plain.subject.headers, ['Accept', '*']);
  t.same((await passedOn(t, { headers })).subject.headers, []);
});

interface Case {
  readonly first?: Readonly<Record<string, string>>;
  readonly second?: Readonly<Record<string, string>>;
  readonly via?: string;
  readonly verdict: string;
  readonly reason?: string;
  readonly by?: RegExp | null;
  /** Why nobody tells. */
  readonly untold?: string;
}

const CASES: Readonly<Record<string, Case>> = {
  'a pod, where the first tells the second': {
    first: { hop: ASSERT },
    second: { hop: TRUST },
    verdict: 'allow',
    by: /^hop\.assert of t1$/,
  },
  'nobody, where the first tells nothing': {
    second: { hop: TRUST },
    verdict: 'deny',
    reason: 'no_rule_matched',
    by: null,
    untold: 't1 has no hop.assert',
  },
  'nobody, where the second trusts no hop': {
    first: { hop: ASSERT },
    verdict: 'deny',
    by: null,
    untold: 'there is no hop.trust.from of t2, which removes what t1 says',
  },
  'nobody, where the second believes nothing': {
    first: { hop: ASSERT },
    second: { hop: '{ trust: { from: [t1] } }' },
    verdict: 'deny',
    by: null,
    untold: 'hop.trust of t2 has no keyFiles',
  },
  'nobody, where the peer is no hop': {
    first: { hop: ASSERT, peers: '{ a: { address: t2.example:3128 } }' },
    second: { hop: TRUST },
    verdict: 'deny',
    by: null,
    untold: 'no peer of route out has hop: true',
  },
  'whom its own table says, where the first is not trusted': {
    first: { hop: ASSERT },
    second: { hop: TRUST, identity: STATIC },
    via: '10.1.7.7',
    verdict: 'allow',
    by: /^identity\.static 10\.1\.0\.0\/16$/,
    untold: 't1 is not in hop.trust.from of t2, which removes what t1 says',
  },
  'a refusal, where the keys differ': {
    first: { hop: ASSERT.replace('K1', 'K2') },
    second: { hop: TRUST },
    verdict: 'deny',
    reason: 'assertion_refused',
    by: null,
  },
  'a refusal, where the second is called otherwise': {
    first: { hop: ASSERT },
    second: { hop: TRUST.replace('t2.example', 'vm-a.example') },
    verdict: 'deny',
    reason: 'assertion_refused',
    by: null,
  },
};

for (const [what, one] of Object.entries(CASES)) {
  t.test(`explain() finds at the second tier ${what}`, async (t) => {
    const [k1, k2] = [keyFile(t, 1), keyFile(t, 2)];
    const named = (keys: Readonly<Record<string, string>> = {}): Record<string, string> =>
      Object.fromEntries(
        // In one pass: the name of the first file may hold the letters `K2`.
        Object.entries(keys).map(([key, yaml]) => [
          key,
          yaml.replaceAll(/K[12]/g, (name) => (name === 'K1' ? k1 : k2)),
        ]),
      );
    const tiers = [await first(t, named(one.first)), await second(t, named(one.second))] as const;
    const via = { address: one.via ?? '10.9.0.1' };
    const explanation = await explain({
      first: tiers[0],
      second: { tier: tiers[1], via },
      question: { ip: '10.1.2.3', target: TARGET },
      names: 'unknown',
    });
    const [, hop] = explanation.hops;
    t.equal(hop?.verdict, one.verdict);
    if (one.reason !== undefined) t.equal(hop?.error?.reason, one.reason);
    if (one.by === null) t.equal(hop?.identityBy, undefined);
    else if (one.by !== undefined) t.match(hop?.identityBy, one.by);
    t.equal(hop?.untold, one.untold);
    const text = renderExplanation(explanation);
    const isUnknown = one.by === null && one.reason !== 'assertion_refused';
    t.equal(text.includes(`  nobody tells who asks: ${one.untold}\n`), isUnknown);
    t.match(
      text,
      /client is namespace api, pod api-0, labels app=api team=x, by identity\.static 10\.1\.0\.0\/16/,
    );
    if (one.reason === 'assertion_refused')
      t.match(text, /Weir-Identity is refused: (unknown_key|wrong_audience)/);
    t.match(explanationJson(explanation), {
      hops: [
        { identity: { namespace: 'api', pod: 'api-0' }, identityBy: 'identity.static 10.1.0.0/16' },
        { untold: one.untold ?? null },
      ],
    });
  });
}

t.test('askedNext() trusts the first by the name in its certificate', async (t) => {
  const issuer = await Issuer.open();
  t.teardown(() => issuer[Symbol.asyncDispose]());
  const ours = await issuer.issue('t1', { names: 'DNS:t1.intra-proxy' });
  const pair = `cert: ${ours.certFile}, key: ${ours.keyFile}`;
  const key = keyFile(t, 1);
  const from = await first(t, {
    hop: ASSERT.replace('K1', key),
    peers: `{ a: { address: t2.example:3128, hop: true, tls: { ca: ${issuer.caFile}, ${pair} } } }`,
  });
  const to = await second(t, {
    listeners: `[{ name: main, address: 127.0.0.1:3128, tls: { ${pair}, clientCa: ${issuer.caFile} } }]`,
    acls: '{ t1: { clientCerts: ["dns:t1.intra-proxy"] } }',
    access: '[{ name: ours, allow: [t1] }]',
    hop: TRUST.replace('K1', key),
  });
  const question = { ip: '10.1.2.3', target: TARGET };
  const answer = await explainHop({ tier: from, ...askedOf(from, question), names: 'unknown' });
  const { by, untold } = askedNext(answer, to, { question, via: '10.9.0.1' });
  t.same([by, untold], ['hop.assert of t1', undefined]);
});
