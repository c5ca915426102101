/**
 * A dial that would come back to this process is refused before it is made: a client's target, by whatever spelling, name or exception
 * it leads here, and a peer whose name has come to lead here.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import t, { type Test } from 'tap';
import { parseConfig } from '#config/load.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';

const METHODS = ['CONNECT', 'GET'] as const;
type Method = (typeof METHODS)[number];

/** Everything there is, so that nothing but being our own refuses it. */
const EVERYTHING = '[0.0.0.0/0, "::/0"]';

/** Addresses of this host, loopback and those of the other interfaces. */
const OWN = Object.values(os.networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ address }) => !address.startsWith('fe80:'))
  .map(({ address }) => address);

async function ask({ port }: { readonly port: number }, target: string, method: Method) {
  await using client = await RawClient.connect(port);
  const asked = method === 'CONNECT' ? target : `http://${target}/`;
  client.send(`${method} ${asked} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return await readAnswer(client);
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** Asserts that these addresses lead nowhere, as they are written and by names. */
async function assertRefused(t: Test, proxy: TestProxy, targets: readonly string[]): Promise<void> {
  const before = proxy.records.filter(({ event }) => event === 'end').length;
  for (const method of METHODS) {
    for (const target of targets) {
      const { first, fields } = await ask(proxy, target, method);
      t.equal(first, 'HTTP/1.1 403 Special-purpose address refused (t)', `${method} ${target}`);
      t.match(fields['proxy-status'], /^t;error=destination_ip_prohibited;/);
    }
  }
  const ends = (await proxy.ended(before + METHODS.length * targets.length)).slice(before);
  t.same([...new Set(ends.map(({ reason }) => reason))], ['address_prohibited']);
  t.ok(ends.every(({ detail }) => detail?.includes('(own listener)')));
  t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0, 'nobody was dialled');
}

for (const [how, more] of [
  ['guard.allow', { guard: `{ allow: ${EVERYTHING} }` }],
  [
    'allowPrivate of the rule',
    { guard: '{}', access: `[{ name: everything, allow: [all], allowPrivate: ${EVERYTHING} }]` },
  ],
] as const) {
  t.test(`no way back to a listener or the admin address, whatever ${how} has`, async (t) => {
    await using admin = await rawOrigin();
    const spellings = ['127.0.0.1', '127.9.9.9', '0.0.0.0', '::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'];
    const names = [...OWN, ...spellings].map((address, i) => [`n${i}.example`, address] as const);
    await using proxy = await startProxy(
      yamlOf({
        listeners: '[{ name: any, address: 0.0.0.0:0 }, { name: one, address: 127.0.0.1:0 }]',
        admin: `{ address: 0.0.0.0:${admin.port} }`,
        dns: `{ hostsFile: none, hosts: ${JSON.stringify(Object.fromEntries(names))} }`,
        ...more,
      }),
    );
    const [any, one] = proxy.proxy.listeners.all.map(({ address }) => address.port);
    const hosts = [...OWN, ...spellings].map(bracketed);
    for (const port of [any, admin.port]) {
      await assertRefused(
        t,
        proxy,
        [...hosts, ...names.map(([name]) => name)].map((host) => `${host}:${port}`),
      );
    }
    const only = ['127.0.0.1', '0.0.0.0', '[::]', '[::ffff:127.0.0.1]'];
    await assertRefused(
      t,
      proxy,
      only.map((host) => `${host}:${one}`),
    );
    t.equal(admin.accepted, 0);
  });
}

t.test(
  'no way back to a listener that a reload has opened; to one that it closed there is none',
  async (t) => {
    const [first, second] = [await closedPort(), await closedPort()];
    const yaml = (port: number): string =>
      yamlOf({
        listeners: `[{ name: main, address: 127.0.0.1:0 }, { name: more, address: 127.0.0.1:${port} }]`,
        guard: `{ allow: ${EVERYTHING} }`,
      });
    await using proxy = await startProxy(yaml(first));
    await assertRefused(t, proxy, [`127.0.0.1:${first}`, `origin.example:${first}`]);
    await proxy.proxy.adopt(await parseConfig(yaml(second), {}));
    await assertRefused(t, proxy, [
      `127.0.0.1:${second}`,
      `origin.example:${second}`,
      `0.0.0.0:${proxy.port}`,
    ]);
    t.match(await ask(proxy, `127.0.0.1:${first}`, 'CONNECT'), { first: /^HTTP\/1\.1 502 Target refused/ });
  },
);

/** A first tier whose peer is known by name only, and whose names are in a file. */
async function startNamed(t: Test, peers: (own: number) => string, addresses: readonly string[]) {
  const hostsFile = `${t.testdir({ hosts: '' })}/hosts`;
  writeFileSync(hostsFile, addresses.map((address) => `${address} peer.example\n`).join(''));
  const own = await closedPort();
  const proxy = await startProxy(
    yamlOf({
      listeners: `[{ name: main, address: 0.0.0.0:${own} }]`,
      dns: `{ hostsFile: ${hostsFile}, servers: [127.0.0.1:9] }`,
      peers: peers(own),
      routes: '[{ name: out, peers: [p, q] }]',
    }),
  );
  return { proxy, own };
}

for (const method of METHODS) {
  t.test(`a peer whose name leads here is not asked, and the next one is (${method})`, async (t) => {
    await using next = await rawOrigin();
    const peers = (own: number): string =>
      `{ p: { address: peer.example:${own} }, q: { address: 127.0.0.1:${next.port} } }`;
    const { proxy } = await startNamed(t, peers, ['127.0.0.1', '127.0.0.7']);
    await using _proxy = proxy;
    const asking = ask(proxy, 'a.example:443', method);
    const far = await next.accept();
    await far.head();
    far.send('HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    t.equal((await asking).status, 403);
    far.end();
    const records = await proxy.ended(1);
    t.match(records, [{ peer: 'q' }]);
    t.same(proxy.peerFaults, ['p peer_is_self']);
    t.equal(records.length, 1, 'it has not asked itself');
  });

  t.test(
    `where every peer leads here the answer is a loop, before a byte has left (${method})`,
    async (t) => {
      const peers = (own: number): string =>
        `{ p: { address: peer.example:${own}, hop: true }, q: { address: peer.example:${own}, standby: 1 } }`;
      const { proxy } = await startNamed(t, peers, OWN);
      await using _proxy = proxy;
      const { first, fields } = await ask(proxy, 'a.example:443', method);
      t.equal(first, 'HTTP/1.1 502 Peer leads back to this proxy (t)');
      t.match(fields['proxy-status'], /^t;error=proxy_loop_detected;details="peer_is_self"?/);
      const records = await proxy.ended(1);
      t.match(records, [{ reason: 'peer_is_self', error: 'proxy_loop_detected', outcome: 'failed' }]);
      t.equal(records.length, 1);
      t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0, 'nor has a warm connection');
    },
  );
}
