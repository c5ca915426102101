/**
 * What a name server hears of a transaction: nothing of a name that is denied, whatever rules stand around the one that denies it,
 * and of one that is allowed a single question, so that the addresses that are judged are those that are dialled.
 */
import t from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { freePort } from '../../scripts/lib/ports.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { startDnsServer } from '../fixtures/dns-server.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

/** The only address that the guard lets pass here. It stands for a public one. */
const PUBLIC = '127.0.0.7';

const fieldsOf = (more: string): string => `HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`;
/** By what a client asks for: the request for an authority. */
const FORMS: Readonly<Record<string, (authority: string) => string>> = {
  CONNECT: (authority) => `CONNECT ${authority} ${fieldsOf('')}`,
  GET: (authority) => `GET http://${authority}/ ${fieldsOf('')}`,
  'POST with a body that streams': (authority) =>
    `POST http://${authority}/ ${fieldsOf('Transfer-Encoding: chunked\r\n')}2\r\nhi\r\n0\r\n\r\n`,
  OPTIONS: (authority) => `OPTIONS http://${authority} ${fieldsOf('')}`,
  Upgrade: (authority) =>
    `GET http://${authority}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
};

async function ask(proxy: TestProxy, text: string): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  client.send(text);
  const answer = await client.head();
  client.end();
  return answer;
}

const ACLS =
  '{ bad: { dstDomains: [.bad.example] }, good: { dstDomains: [good.example] }, inside: { dst: [127.0.0.0/8] }, outside: { dst: [8.0.0.0/8] }, strangers: { src: [192.0.2.1] } }';
const NO_BAD = '{ name: bad, deny: [bad] }';
const ALLOWED = '{ name: rest, allow: [all] }';
const PEERS = '{ p: { address: "127.0.0.1:9" } }';
const BOTH = ['A good.example', 'AAAA good.example'];

interface Around {
  readonly access: readonly string[];
  readonly keys?: Readonly<Record<string, string>>;
  /** What is asked for the sake of a name that is allowed. */
  readonly asked: readonly string[];
}

/** By what stands around the rule that denies the name. */
const AROUND: Readonly<Record<string, Around>> = {
  'that is direct': { access: [NO_BAD, ALLOWED], asked: BOTH },
  'with a rule by address behind it': { access: [NO_BAD, '{ name: near, allow: [inside] }'], asked: BOTH },
  'with rules by address before it that deny too': {
    access: ['{ name: outside, deny: [outside] }', NO_BAD, ALLOWED],
    asked: BOTH,
  },
  'with rules by address before it that allow other names': {
    access: ['{ name: near, allow: [good, inside] }', NO_BAD, ALLOWED],
    asked: BOTH,
  },
  'with rules by address before it that only report': {
    access: ['{ name: tried, deny: [outside], mode: report }', NO_BAD, ALLOWED],
    asked: BOTH,
  },
  'where no rule is left to allow it': {
    access: ['{ name: near, allow: [good, inside] }', '{ name: far, allow: [strangers, outside] }'],
    asked: BOTH,
  },
  'through peers': {
    access: [NO_BAD, ALLOWED],
    keys: { peers: PEERS, routes: '[{ name: out, peers: [p] }]' },
    asked: [],
  },
  'through peers, judged by address here': {
    access: [NO_BAD, '{ name: near, allow: [inside] }'],
    keys: { peers: PEERS, routes: '[{ name: out, peers: [p], resolve: here }]' },
    asked: BOTH,
  },
};

for (const [around, { access, keys, asked }] of Object.entries(AROUND)) {
  // Attacks: default-deny.
  t.test(`decide before resolve: nobody is asked for a name that is denied, ${around}`, async (t) => {
    await using server = await startDnsServer(({ type }) =>
      type === 'A' ? { addresses: ['127.0.0.1'], ttl: 0 } : {},
    );
    const dns = `{ hostsFile: none, servers: ["${server.address}"], timeout: 1h, minTtl: 0s }`;
    const parts = { dns, acls: ACLS, access: `[${access.join(', ')}]`, ...keys };
    await using proxy = await startProxy(yamlOf(parts));
    for (const [form, textFor] of Object.entries(FORMS)) {
      for (const name of ['www.bad.example', 'WWW.Bad.Example.'])
        t.match(await ask(proxy, textFor(`${name}:9`)), /^HTTP\/1\.1 403 Denied by t/, `${form} ${name}`);
    }
    t.same(server.questions, []);
    const denied = await proxy.ended(Object.keys(FORMS).length * 2);
    t.ok(denied.every(({ outcome, dnsMs }) => outcome === 'denied' && dnsMs === undefined));
    t.match(await ask(proxy, `CONNECT good.example:9 ${fieldsOf('')}`), /^HTTP\/1\.1 50[23] /);
    t.same([...server.questions].sort(), asked, 'who is asked for one that is allowed');
  });
}

// Attacks: default-deny.
t.test('decide before resolve: what tier 2 denies is asked for by neither tier', async (t) => {
  await using near = await startDnsServer(() => ({ addresses: ['127.0.0.1'] }));
  await using far = await startDnsServer(({ type }) => (type === 'A' ? { addresses: ['127.0.0.1'] } : {}));
  const dnsOf = ({ address }: { readonly address: string }): string =>
    `{ hostsFile: none, servers: ["${address}"], timeout: 1h }`;
  await using t2 = await startSecondTier({
    dns: dnsOf(far),
    acls: '{ near: { src: [127.0.0.0/8] }, bad: { dstDomains: [.bad.example] } }',
    access: `[${NO_BAD}, ${ALLOWED}]`,
  });
  await using t1 = await startFirstTier([t2.port], { dns: dnsOf(near) });
  for (const [form, textFor] of Object.entries(FORMS))
    t.match(await ask(t1, textFor('www.bad.example:9')), /^HTTP\/1\.1 403 /, form);
  t.same(far.questions, []);
  t.match(await ask(t1, `CONNECT good.example:9 ${fieldsOf('')}`), /^HTTP\/1\.1 502 /);
  t.same([...far.questions].sort(), BOTH, 'tier 2 asks for what it dials');
  t.same(near.questions, [], 'tier 1 asks for nothing');
});

// Attacks: default-deny.
t.test('decide before resolve: nobody is asked for a name without credentials that it needs', async (t) => {
  await using server = await startDnsServer(() => ({ addresses: ['127.0.0.1'] }));
  const hash = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });
  const folder = t.testdir({ users: `ann:${hash}\n` });
  const parts = {
    dns: `{ hostsFile: none, servers: ["${server.address}"], timeout: 1h }`,
    auth: `{ usersFile: "${folder}/users" }`,
    acls: '{ ann: { users: [ann] }, inside: { dst: [127.0.0.0/8] } }',
    access: '[{ name: ann, allow: [ann, inside] }]',
  };
  await using proxy = await startProxy(yamlOf(parts));
  for (const [form, textFor] of Object.entries(FORMS))
    t.match(await ask(proxy, textFor('good.example:9')), /^HTTP\/1\.1 407 /, form);
  t.same(server.questions, []);
});

/** By who looks at an address: rules that do. */
const JUDGED: Readonly<Record<string, string>> = {
  'the guard': `[${ALLOWED}]`,
  'a rule that allows it and the guard': `[{ name: public, allow: [public] }]`,
  'rules that deny others and the guard': `[{ name: local, deny: [local] }, ${ALLOWED}]`,
  'a rule that only reports and the guard': `[{ name: local, deny: [local], mode: report }, ${ALLOWED}]`,
};

for (const [who, access] of Object.entries(JUDGED)) {
  for (const method of ['CONNECT', 'GET'] as const) {
    // Attacks: same-address.
    t.test(`one question for ${who}, and the dial: no later answer is heard (${method})`, async (t) => {
      await using inside = await rawOrigin('127.0.0.1', await freePort());
      await using outside = await rawOrigin(PUBLIC, inside.port);
      const answers = [PUBLIC];
      await using server = await startDnsServer(({ type }) =>
        type === 'A' ? { addresses: [answers.pop() ?? '127.0.0.1'], ttl: 0 } : {},
      );
      const parts = {
        dns: `{ hostsFile: none, servers: ["${server.address}"], timeout: 1h, minTtl: 0s, staleTtl: 0s }`,
        guard: `{ allow: [${PUBLIC}] }`,
        acls: `{ public: { dst: [${PUBLIC}] }, local: { dst: [127.0.0.1] } }`,
        access,
      };
      await using proxy = await startProxy(yamlOf(parts));
      const asking = ask(
        proxy,
        (FORMS[method] as (authority: string) => string)(`one.example:${inside.port}`),
      );
      const far = await outside.accept();
      if (method === 'GET') far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      far.end();
      t.match(await asking, /^HTTP\/1\.1 200 /);
      t.match(await proxy.ended(1), [{ upstreamIp: PUBLIC, outcome: 'completed' }]);
      t.same([...server.questions].sort(), ['A one.example', 'AAAA one.example']);
      t.equal(inside.accepted, 0);
    });
  }
}
