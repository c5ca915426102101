/** A new configuration while the proxy serves: taken over whole or not at all, and nothing under way is disturbed. */
import t from 'tap';
import type { Config } from '#config/config.ts';
import { parseConfig } from '#config/load.ts';
import { Reloader } from '../../src/reload.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { deskOf, type Keys } from '../fixtures/desk.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort, faultOf } from '../fixtures/sockets.ts';
import { type Issued, Issuer } from '../fixtures/tls.ts';

const DENY_ALL: Keys = { access: '[{ name: closed, deny: [all] }]' };
const MAIN = '{ name: main, address: 127.0.0.1:0 }';
const SECOND = '{ name: second, address: 127.0.0.1:0 }';

/** Of listeners, by name. */
type Ports = Partial<Record<'main' | 'second' | 'new', number>>;

function portsOf({ proxy }: TestProxy): Ports {
  return Object.fromEntries(proxy.listeners.all.map(({ options, address }) => [options.name, address.port]));
}

/** Status of a CONNECT to `authority` by a client of its own. */
async function statusOf(port: number, authority: string): Promise<number> {
  await using client = await RawClient.connect(port);
  return Number((await client.tunnel(authority)).split(' ')[1]);
}

t.test('a changed policy is for what begins from now on; an open tunnel goes on', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  const desk = deskOf(proxy);
  const target = `origin.example:${origin.port}`;
  await using client = await RawClient.connect(proxy.port);
  await using kept = await RawClient.connect(proxy.port);
  await client.tunnel(target);
  const far = await origin.accept();
  const before = proxy.proxy.context.generation.policy.hash;
  await desk.turnTo(DENY_ALL);
  t.same(desk.results, ['success']);
  const after = proxy.proxy.context.generation.policy.hash;
  t.same(desk.adopted, [after]);
  t.not(after, before);
  t.equal(await statusOf(proxy.port, target), 403);
  kept.send(`GET http://${target}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  t.match(await readAnswer(kept), { status: 403 }, 'a connection that was there before is no exception');
  client.send('still here');
  await far.expect('still here');
  client.end();
  far.end();
  const [denied, get, tunnel] = await proxy.ended(3);
  t.match(denied, { outcome: 'denied', rule: 'closed', policy: after });
  t.match(get, { outcome: 'denied', rule: 'closed', policy: after });
  t.match(tunnel, { outcome: 'completed', rule: 'everything', policy: before, bytesFromClient: 10 });
  t.equal(origin.accepted, 1);
});

const BROKEN: Readonly<Record<string, string>> = {
  'no YAML': 'name: [',
  'nothing at all': '',
  'an unknown key': yamlOf({ colour: 'red' }),
  'an unknown ACL': yamlOf({ access: '[{ name: x, allow: [no-such] }]' }),
  'a route to an unknown peer': yamlOf({ routes: '[{ name: out, peers: [no-such] }]' }),
};

for (const [what, yaml] of Object.entries(BROKEN)) {
  // Attacks: good-configuration.
  t.test(`${what} leaves the old policy in force and is reported`, async (t) => {
    await using origin = await rawOrigin();
    await using proxy = await startProxy(yamlOf());
    const desk = deskOf(proxy);
    const { generation } = proxy.proxy.context;
    await desk.turnTo(yaml);
    t.same([desk.results, desk.adopted], [['failure'], []]);
    t.equal(proxy.proxy.context.generation, generation);
    t.equal(await statusOf(proxy.port, `origin.example:${origin.port}`), 200);
    await desk.turnTo(DENY_ALL);
    t.same(desk.results, ['failure', 'success'], 'a good one is taken after a bad one');
    t.equal(await statusOf(proxy.port, `origin.example:${origin.port}`), 403);
  });
}

// Attacks: good-configuration.
t.test('a change that needs a restart rejects all of it', async (t) => {
  await using proxy = await startProxy(yamlOf());
  const desk = deskOf(proxy);
  const { generation } = proxy.proxy.context;
  const ports = portsOf(proxy);
  const changes: readonly Keys[] = [
    { name: 'other', workers: '2' },
    { admin: '{ address: 127.0.0.2:0 }' },
    { log: '{ level: debug }' },
    { limits: '{ store: { redis: { url: "redis://127.0.0.1:1" } } }' },
  ];
  for (const change of changes) await desk.turnTo({ ...DENY_ALL, listeners: `[${SECOND}]`, ...change });
  t.same(desk.results, Array(changes.length).fill('failure'));
  t.equal(proxy.proxy.context.generation, generation);
  t.same(portsOf(proxy), ports);
});

t.test(
  'listeners are compared: one more opens, one less closes, one kept keeps its connections',
  async (t) => {
    await using origin = await rawOrigin();
    await using proxy = await startProxy(yamlOf());
    const desk = deskOf(proxy);
    const target = `origin.example:${origin.port}`;
    await using kept = await RawClient.connect(proxy.port);
    await kept.tunnel(target);
    const keptFar = await origin.accept();

    // Dialled when it is closed.
    const second = await closedPort();
    await desk.turnTo({ listeners: `[${MAIN}, { name: second, address: 127.0.0.1:${second} }]` });
    t.same(portsOf(proxy), { main: proxy.port, second });
    await using tunnel = await RawClient.connect(second);
    await using idle = await RawClient.connect(second);
    t.match(await tunnel.tunnel(target), /^HTTP\/1\.1 200 /);
    const far = await origin.accept();

    await desk.turnTo({ listeners: `[${MAIN}]` });
    t.same(portsOf(proxy), { main: proxy.port });
    t.match(await faultOf(RawClient.connect(second)), { code: 'ECONNREFUSED' });
    t.equal(await idle.rest(), '');

    tunnel.send('of a listener that is gone');
    await far.expect('of a listener that is gone');
    kept.send('of one that stays');
    await keptFar.expect('of one that stays');
    for (const end of [tunnel, far, kept, keptFar]) end.end();
    const records = await proxy.ended(2);
    t.same(records.map(({ listener, outcome }) => `${listener} ${outcome}`).sort(), [
      'main completed',
      'second completed',
    ]);
    t.same(desk.results, ['success', 'success']);
  },
);

t.test('a port that a listener has just given up is free again', async (t) => {
  const port = await closedPort();
  const at = (name: string): Keys => ({
    listeners: `[${MAIN}, { name: ${name}, address: 127.0.0.1:${port} }]`,
  });
  await using proxy = await startProxy(yamlOf(at('old')));
  const desk = deskOf(proxy);
  await desk.turnTo({});
  await desk.turnTo(at('new'));
  t.same(desk.results, ['success', 'success']);
  t.equal(portsOf(proxy).new, port);
});

// Attacks: good-configuration.
t.test('one listener that cannot be bound rejects all of it', async (t) => {
  await using origin = await rawOrigin();
  await using taken = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  const desk = deskOf(proxy);
  const { generation } = proxy.proxy.context;
  const free = await closedPort();
  await desk.turnTo({
    ...DENY_ALL,
    listeners: `[{ name: free, address: 127.0.0.1:${free} }, { name: taken, address: 127.0.0.1:${taken.port} }]`,
  });
  t.same([desk.results, desk.adopted], [['failure'], []]);
  t.equal(proxy.proxy.context.generation, generation);
  t.same(portsOf(proxy), { main: proxy.port });
  t.match(
    await faultOf(RawClient.connect(free)),
    { code: 'ECONNREFUSED' },
    'what could be bound is closed again',
  );
  t.equal(await statusOf(proxy.port, `origin.example:${origin.port}`), 200);
});

t.test('peers whose settings are unchanged keep their state', async (t) => {
  const [down, other] = [await closedPort(), await closedPort()];
  const peers = (b: number): Keys => ({
    peers: `{ a: { address: 127.0.0.1:${down} }, b: { address: 127.0.0.1:${b} } }`,
    routes: '[{ name: out, peers: [a, b] }]',
  });
  await using proxy = await startProxy(yamlOf(peers(down)));
  const desk = deskOf(proxy);
  const peerOf = (name: string) => proxy.proxy.context.generation.peers.get(name);
  t.equal(await statusOf(proxy.port, 'origin.example:443'), 503);
  const [a, b] = [peerOf('a'), peerOf('b')];
  t.same([a?.isUp, b?.isUp], [false, false]);
  await desk.turnTo({ ...peers(other), ...DENY_ALL });
  t.equal(peerOf('a'), a);
  t.notOk(peerOf('a')?.isUp, 'and goes on backing off');
  t.not(peerOf('b'), b);
  t.ok(peerOf('b')?.isUp, 'a peer at another address is another peer');
});

// Attacks: good-configuration.
t.test(
  'an expired certificate does not replace a good one, and keeps nobody from another policy',
  async (t) => {
    await using issuer = await Issuer.open();
    const [good, expired] = await Promise.all([issuer.issue('good'), issuer.issue('expired', { days: -1 })]);
    const by = ({ certFile, keyFile }: Issued): Keys => ({
      listeners: `[{ name: main, address: 127.0.0.1:0, tls: { cert: ${certFile}, key: ${keyFile} } }]`,
    });
    await using proxy = await startProxy(yamlOf(by(good)));
    const desk = deskOf(proxy);
    await desk.turnTo(by(expired));
    t.same(desk.results, ['failure']);
    t.match(proxy.proxy.config.listeners[0]?.tls, { cert: good.cert });
    await using late = await startProxy(yamlOf(by(expired)));
    const lateDesk = deskOf(late);
    await lateDesk.turnTo({ ...by(expired), ...DENY_ALL });
    t.same(lateDesk.results, ['success']);
    t.equal(late.proxy.config.policy.access[0]?.name, 'closed');
    await lateDesk.turnTo(by(good));
    t.same(lateDesk.results, ['success', 'success']);
  },
);

t.test('reloads at the same time happen one after the other, and the last one holds', async (t) => {
  await using proxy = await startProxy(yamlOf());
  const results: string[] = [];
  let loading = 0;
  let most = 0;
  let turn = 0;
  const load = async (): Promise<Config> => {
    loading += 1;
    turn += 1;
    most = Math.max(most, loading);
    const listeners = turn % 2 === 0 ? `[${MAIN}]` : `[${MAIN}, ${SECOND}]`;
    const config = await parseConfig(yamlOf({ listeners }));
    loading -= 1;
    return config;
  };
  const { proxy: running } = proxy;
  const reloader = new Reloader({
    proxy: running,
    log: running.context.log,
    load,
    onAdopted: () => {},
    onResult: (result) => void results.push(result),
  });
  await Promise.all(Array.from({ length: 5 }, () => reloader.reload('test')));
  await reloader.settled();
  t.equal(most, 1);
  t.same(results, Array(5).fill('success'));
  t.same(Object.keys(portsOf(proxy)), ['main', 'second']);
  t.equal(running.context.generation.config.listeners.length, 2);
});
