/** Plain HTTP to names with several addresses: the same race as for tunnels, whoever carries the exchange out. */
import t, { type Test } from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { type BlackHole, blackHole } from '../fixtures/black-hole.ts';
import { RawClient } from '../fixtures/client.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { allRead, startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

/** A request by who carries it out: fields, what is sent with them and what when they have been read. */
interface Sent {
  readonly method: string;
  readonly fields?: string;
  readonly body?: string;
  readonly later?: string;
}

const REQUESTS: Readonly<Record<string, Sent>> = {
  'GET, by our own client': { method: 'GET' },
  'POST of a body that is here, by our own client': {
    method: 'POST',
    fields: 'Content-Length: 4\r\n',
    body: 'body',
  },
  'POST of a body that is yet to come, by undici': {
    method: 'POST',
    fields: 'Content-Length: 4\r\n',
    later: 'body',
  },
  'PUT in chunks, by undici': {
    method: 'PUT',
    fields: 'Transfer-Encoding: chunked\r\n',
    later: '4\r\nbody\r\n0\r\n\r\n',
  },
  'POST with Expect, by node:http': {
    method: 'POST',
    fields: 'Expect: 100-continue\r\nContent-Length: 4\r\n',
    later: 'body',
  },
};

/** So long for one address that nobody could wait for it here. */
const timeouts = '{ connect: 5m, establish: 10m }';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

let hole: BlackHole;
t.before(async () => {
  hole = await blackHole();
});
t.teardown(() => hole[Symbol.asyncDispose]());

interface Stage {
  /** Its `two.example` leads to a black hole first, and then to the origin. */
  readonly proxy: TestProxy;
  readonly origin: RawOrigin;
  readonly client: RawClient;
  readonly host: string;
}

function proxyTo(hosts: Readonly<Record<string, readonly string[]>>, more = {}): Promise<TestProxy> {
  const dns = `{ hostsFile: none, hosts: ${JSON.stringify(hosts)} }`;
  return startProxy(
    yamlOf({ dns, timeouts, guard: '{ allow: [127.0.0.0/8], deny: [127.0.0.66] }', ...more }),
  );
}

/** Declares a test of a request to a name whose first address is silent. */
function raced(title: string, play: (t: Test, stage: Stage) => Promise<void>, more = {}): void {
  t.test(`the second address has it where the first is silent: ${title}`, async (t) => {
    await using origin = await rawOrigin('127.0.0.2', hole.port);
    await using proxy = await proxyTo({ 'two.example': ['127.0.0.1', '127.0.0.2'] }, more);
    await using client = await RawClient.connect(proxy.port);
    await play(t, { proxy, origin, client, host: `two.example:${hole.port}` });
    client.end();
    await client.rest();
    await proxy.allClosed();
    const record = proxy.records.find(({ event, host }) => event === 'end' && host === 'two.example');
    const { upstreamIp, outcome, connectMs = 0 } = record ?? {};
    t.same({ upstreamIp, outcome }, { upstreamIp: '127.0.0.2', outcome: 'completed' });
    t.ok(connectMs >= 250, `${connectMs} ms: what the race took is in the record`);
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 2);
    t.equal(firstOf(proxy, 'two.example', ['127.0.0.1', '127.0.0.2']), '127.0.0.2', 'it is remembered');
  });
}

/** The address to begin with, of those that a name leads to. */
function firstOf({ proxy }: TestProxy, host: string, addresses: readonly string[]): string | undefined {
  const candidates = addresses.map((text) => ({ ip: { text } }));
  return proxy.context.winners.order(host, candidates)[0]?.ip.text;
}

for (const [title, { method, fields = '', body = '', later = '' }] of Object.entries(REQUESTS)) {
  raced(title, async (t, { proxy, origin, client, host }) => {
    client.send(`${method} http://${host}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n${body}`);
    if (later !== '') await allRead(proxy);
    client.send(later);
    const far = await origin.accept();
    const got = await readAnswer(far);
    t.equal(got.first, `${method} / HTTP/1.1`);
    t.equal(got.body, body === '' && later === '' ? '' : 'body', 'of which nothing was lost to the first');
    far.send(OK);
    t.match(await readAnswer(client), { first: 'HTTP/1.1 200 OK', body: 'hi' });
    far.end();
  });
}

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

raced(
  'Upgrade, by node:http',
  async (t, { origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${UPGRADE}\r\n`);
    const far = await origin.accept();
    t.match(await far.head(), UPGRADE.replace(/(\r\n)$/, ''));
    far.send(`HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}\r\n`);
    t.match(await client.head(), /^HTTP\/1\.1 101 /);
    client.send('up');
    await far.expect('up');
    far.end();
  },
  { access: '[{ name: sockets, allow: [all], upgrade: [websocket] }]' },
);

for (const method of ['GET', 'CONNECT']) {
  t.test(`a race dials no address that the guard refuses (${method})`, async (t) => {
    await using origin = await rawOrigin('127.0.0.2', hole.port);
    await using refused = await rawOrigin('127.0.0.66', hole.port);
    const proxyHosts = { 'three.example': ['127.0.0.66', '127.0.0.1', '127.0.0.66', '127.0.0.2'] };
    await using proxy = await proxyTo(proxyHosts);
    await using client = await RawClient.connect(proxy.port);
    const target = `three.example:${hole.port}`;
    client.send(`${method} ${method === 'GET' ? `http://${target}/` : target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    if (method === 'GET') far.send(OK);
    t.match(await client.head(), /^HTTP\/1\.1 200 /);
    client.end();
    far.end();
    const [record] = await proxy.ended(1);
    t.match(record, {
      upstreamIp: '127.0.0.2',
      answers: { refused: Array(2).fill('127.0.0.66 (guard.deny)'), isMixed: true },
    });
    t.equal(refused.accepted, 0);
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 2);
  });
}

t.test('a kept connection serves only who may go to its address, whatever it was opened for', async (t) => {
  await using far = await rawOrigin('127.0.0.2', await freePort());
  await using near = await rawOrigin('127.0.0.1', far.port);
  const hosts = { 'far.example': ['127.0.0.2'], 'two.example': ['127.0.0.2', '127.0.0.1'] };
  await using proxy = await proxyTo(hosts, {
    acls: '{ far: { dstDomains: [far.example] }, near: { dst: [127.0.0.1] }, post: { methods: [POST] } }',
    access: '[{ name: far, allow: [far] }, { name: posts, allow: [post] }, { name: near, allow: [near] }]',
  });
  await using client = await RawClient.connect(proxy.port);
  const ask = async (line: string, on: RawOrigin | RawClient): Promise<RawClient> => {
    client.send(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const end = on instanceof RawClient ? on : await on.accept();
    await end.head();
    end.send(OK);
    t.match(await readAnswer(client), { first: 'HTTP/1.1 200 OK', body: 'hi' });
    return end;
  };
  const first = await ask(`GET http://far.example:${far.port}/`, far);
  await proxy.ended(1);
  await ask(`GET http://two.example:${far.port}/`, near);
  await proxy.ended(2);
  await ask(`POST http://two.example:${far.port}/`, first);
  const records = await proxy.ended(3);
  t.same(
    records.map(({ upstreamIp, rule }) => `${rule} ${upstreamIp}`),
    ['far 127.0.0.2', 'near 127.0.0.1', 'posts 127.0.0.2'],
  );
  t.same([far.accepted, near.accepted], [1, 1]);
});

t.test('a kept connection to another address of the name is taken before any is dialled', async (t) => {
  await using origin = await rawOrigin('127.0.0.2', hole.port);
  await using proxy = await proxyTo({
    'one.example': ['127.0.0.2'],
    'two.example': ['127.0.0.1', '127.0.0.2'],
  });
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://one.example:${hole.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  for (const count of [1, 2]) {
    await far.head();
    far.send(OK);
    t.equal((await readAnswer(client)).body, 'hi');
    await proxy.ended(count);
    if (count === 1) client.send(`GET http://two.example:${hole.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  }
  t.match((await proxy.ended(2))[1], { host: 'two.example', upstreamIp: '127.0.0.2' });
  t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 1);
  const first = firstOf(proxy, 'two.example', ['127.0.0.1', '127.0.0.2']);
  t.equal(first, '127.0.0.1', 'there was no race, and so no winner');
});
