/** What requests say of the inside to those outside of it: nothing but a pseudonym, unless the configuration says otherwise. */
import t, { type Test } from 'tap';
import { type Answer, readAnswer } from '../fixtures/answer.ts';
import { firstTier, secondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { complaints, config } from '../fixtures/config.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { pseudonymOf, serve } from '../fixtures/served.ts';

const OK = 'HTTP/1.1 200 OK\r\nVia: 1.1 cdn.example\r\nContent-Length: 0\r\n\r\n';
const INSIDE = [
  'Forwarded: for=10.0.0.9;host=inner',
  'X-Forwarded-For: 10.0.0.9',
  'x-forwarded-host: inner.corp',
  'X-Real-IP: 10.0.0.9',
  'X-Envoy-Peer-Metadata: api',
  'X-Envoy-Original-Dst-Host: 10.0.0.9:80',
  'X-Forwarded-User: inner',
  'X-Auth-Request-Email: a@inner.corp',
  'X-Original-URL: http://inner.corp/',
  'WL-Proxy-Client-IP: 10.0.0.9',
  'X-Remote-Addr: 10.0.0.9',
  'Remote-User: inner',
  'X-Goog-Iap-Jwt-Assertion: e30.e30.c2ln',
  'SSL-Client-Cert: MIIB',
  'Via: 1.1 squid.corp:3128 (squid/5.7), 1.0 sidecar',
];
const APPLICATION = ['X-Request-Id: 1', 'traceparent: 00-1', 'User-Agent: app', 'X-Team: red', 'Cookie: a=b'];

/** Who is asked, for what, and who hears of it. */
interface Way {
  readonly port: number;
  readonly to: RawOrigin;
  /** @default that of `to` */
  readonly authority?: string;
}

/** @returns the request as it arrives, and its answer */
async function ask(t: Test, { port, to, authority = `origin.example:${to.port}` }: Way) {
  const client = owned(t, await RawClient.connect(port));
  const lines = [`POST http://${authority}/ HTTP/1.1`, 'Host: x', ...INSIDE, ...APPLICATION];
  const chunks =
    'Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\nX-Team: red\r\n\r\n';
  client.send(`${lines.join('\r\n')}\r\n${chunks}`);
  const far = owned(t, await to.accept());
  const asked = await readAnswer(far);
  far.send(OK);
  return { asked, answer: await readAnswer(client) };
}

async function askDirectly(t: Test, forward: string | undefined) {
  const origin = owned(t, await rawOrigin());
  const proxy = owned(t, await serve(forward === undefined ? {} : { forward }));
  return ask(t, { port: proxy.port, to: origin });
}

const linesOf = ({ lines, trailers }: Answer): readonly string[] => [...lines, ...trailers];

interface Expected {
  readonly kept?: readonly string[];
  readonly gone?: readonly string[];
}

function assertLines(t: Test, asked: Answer, { kept = [], gone = [] }: Expected): void {
  for (const line of kept) t.ok(linesOf(asked).includes(line), `kept: ${line}`);
  for (const line of gone) t.notOk(linesOf(asked).includes(line), `gone: ${line}`);
}

t.test('an origin is told nothing of the inside but pseudonyms', async (t) => {
  const { asked, answer } = await askDirectly(t, undefined);
  assertLines(t, asked, { kept: [...APPLICATION, 'X-Sum: 1'], gone: INSIDE });
  t.match(asked.fields.via, /^1\.1 inside, 1\.0 sidecar, 1\.1 t-\w+$/);
  t.notMatch(linesOf(asked).join(), /corp|10\.0\.0\.9|127\.0\.0\.1|inner|squid|weir/i);
  t.match(answer.fields.via, /^1\.1 cdn\.example, 1\.1 t-\w+$/, 'answers have Via too');
});

t.test('with via: off an origin gets no Via, and the client does', async (t) => {
  const { asked, answer } = await askDirectly(t, '{ via: off }');
  t.notOk('via' in asked.fields);
  t.match(answer.fields.via, /1\.1 t-\w+$/);
});

t.test('with forwarded: on an origin is told who asks, behind what clients say', async (t) => {
  const { asked } = await askDirectly(t, '{ forwarded: on }');
  assertLines(t, asked, { kept: INSIDE.slice(0, -1) });
  t.equal(asked.fields.forwarded, 'for=10.0.0.9;host=inner, for=127.0.0.1;by=_t;proto=http');
});

t.test('strip removes fields, trailers too, whatever their case', async (t) => {
  const { asked } = await askDirectly(t, '{ strip: [x-team, USER-AGENT] }');
  assertLines(t, asked, { kept: ['X-Request-Id: 1', 'X-Sum: 1'], gone: ['X-Team: red', 'User-Agent: app'] });
});

const STRICT = '{ via: off, strip: [X-Team] }';

t.test('a peer that is no hop of ours gets as little as an origin, and Via', async (t) => {
  const peer = owned(t, await rawOrigin());
  const peers = `{ p: { address: 127.0.0.1:${peer.port} } }`;
  const keys = { peers, routes: '[{ name: out, peers: [p] }]', forward: STRICT };
  const proxy = owned(t, await serve(keys));
  const { asked } = await ask(t, { port: proxy.port, to: peer, authority: 'origin.example' });
  assertLines(t, asked, { gone: [...INSIDE.slice(0, -1), 'X-Team: red'] });
  t.match(asked.fields.via, /^1\.1 squid\.corp:3128 \(squid\/5\.7\), 1\.0 sidecar, 1\.1 t-\w+$/);
});

t.test('a peer of ours gets everything', async (t) => {
  const peer = owned(t, await rawOrigin());
  const first = owned(t, await serve(firstTier([peer.port], { forward: STRICT })));
  const { asked } = await ask(t, { port: first.port, to: peer, authority: 'origin.example' });
  assertLines(t, asked, { kept: [...INSIDE.slice(0, -1), ...APPLICATION] });
  t.match(asked.fields.via, /squid\.corp.*, 1\.1 t1-\w+$/);
  t.notMatch(asked.fields.forwarded, /by=/);
});

t.test('through two tiers the last decides what leaves', async (t) => {
  const origin = owned(t, await rawOrigin());
  const second = owned(t, await serve(secondTier({ forward: '{ forwarded: on, strip: [X-Team] }' })));
  const first = owned(t, await serve(firstTier([second.port], { forward: '{ strip: [X-Request-Id] }' })));
  const { asked } = await ask(t, { port: first.port, to: origin });
  assertLines(t, asked, { kept: ['X-Request-Id: 1', 'X-Forwarded-For: 10.0.0.9'], gone: ['X-Team: red'] });
  t.match(asked.fields.forwarded, /, for=127\.0\.0\.1;by=_t2;proto=http$/);
  t.notMatch(linesOf(asked).join(), /weir/i);
});

t.test('a loop between proxies is found with via: off', async (t) => {
  const first = owned(t, await serve({ forward: '{ via: off }' }));
  const client = owned(t, await RawClient.connect(first.port));
  client.send(
    `GET http://origin.example/ HTTP/1.1\r\nHost: x\r\nVia: 1.1 ${await pseudonymOf(first)}\r\n\r\n`,
  );
  t.match((await readAnswer(client)).fields['proxy-status'], /proxy_loop_detected/);
});

t.test('what would change the meaning of requests cannot be stripped', async (t) => {
  for (const name of [
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Via',
    'Authorization',
    'a b',
  ]) {
    const found = await complaints(config(`forward: { strip: ["${name}"] }`));
    t.match(found.join('\n'), /:6:\d+: forward\.strip\[0\]: /, name);
  }
});
