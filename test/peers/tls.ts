/**
 * TLS with real programs: curl as a client over TLS, openssl as either end, and Squid in either place of the chain with mutual
 * TLS to Weir; and a host with two workers, each of which takes up the sessions of the other.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import tls from 'node:tls';
import t, { type Test } from 'tap';
import { freePort, isReachable } from '../../scripts/lib/ports.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin, httpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { run } from '../fixtures/run.ts';
import { Squid } from '../fixtures/squid.ts';
import { Issuer } from '../fixtures/tls.ts';
import { needTool } from '../fixtures/tools.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(120_000);

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const [t2, t1] = await Promise.all([
  issuer.issue('t2', { names: 'DNS:localhost,IP:127.0.0.1' }),
  issuer.issue('t1', { names: 'DNS:t1.test' }),
]);
const web = owned(t, await httpOrigin((request, response) => response.end(`you asked for ${request.url}\n`)));
const echo = owned(t, await echoOrigin());
const ca = issuer.caFile;

const TIER2_LISTENERS = `[{ name: main, address: 127.0.0.1:0, tls: { cert: ${t2.certFile}, key: ${t2.keyFile}, clientCa: ${ca} } }]`;

/** A tier of Weir's that goes through `port` by mutual TLS. */
function tier1(port: number, keys: Readonly<Record<string, string>> = {}): string {
  return yamlOf({
    ...keys,
    name: 't1',
    peers: `{ p: { address: "127.0.0.1:${port}", tls: { ca: ${ca}, cert: ${t1.certFile}, key: ${t1.keyFile} } } }`,
    routes: '[{ name: out, peers: [p] }]',
  });
}

async function throughBoth(t: Test, port: number): Promise<void> {
  await using client = await RawClient.connect(port);
  t.match(await client.tunnel(`origin.example:${echo.port}`), /^HTTP\/1\.1 200 /);
  client.send('to and fro');
  await client.expect('to and fro');
  client.end();
  t.equal(await client.rest(), '');
  await using plain = await RawClient.connect(port);
  const at = `origin.example:${web.port}`;
  plain.send(`GET http://${at}/a HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n\r\n`);
  t.match(await plain.rest(), /^HTTP\/1\.1 200 OK[\s\S]*you asked for \/a/);
}

t.test('curl asks over TLS, with a certificate and not without', async (t) => {
  const curl = await needTool(t, 'curl');
  if (curl === undefined) return;
  const weir = await startWeir(t, yamlOf({ listeners: TIER2_LISTENERS }));
  const proxy = ['-sS', '--proxy', `https://localhost:${weir.port}`, '--proxy-cacert', ca];
  const own = ['--proxy-cert', t1.certFile, '--proxy-key', t1.keyFile];
  const url = `http://origin.example:${web.port}/b`;
  t.match(await run(curl, [...proxy, ...own, url]), { status: 0, stdout: 'you asked for /b\n' });
  t.match(await run(curl, [...proxy, ...own, '--proxytunnel', url]), {
    status: 0,
    stdout: 'you asked for /b\n',
  });
  t.match(await run(curl, [...proxy, ...own, '--data', 'x'.repeat(100_000), url]), { status: 0 });
  t.not((await run(curl, [...proxy, url])).status, 0);
  const series = 'weir_tls_handshakes_failed_total{listener="main",cause="certificate"}';
  await eventually(async () => (await metric(weir, series)) === 1, 'the failed handshake to be counted');
});

t.test('openssl as a client: TLS 1.2 and 1.3 are spoken, and nothing older', async (t) => {
  const openssl = await needTool(t, 'openssl');
  if (openssl === undefined) return;
  const weir = await startWeir(t, yamlOf({ listeners: TIER2_LISTENERS }));
  const at = [
    's_client',
    '-connect',
    `127.0.0.1:${weir.port}`,
    '-CAfile',
    ca,
    '-cert',
    t1.certFile,
    '-key',
    t1.keyFile,
  ];
  for (const [version, spoken] of [
    ['-tls1_3', 'TLSv1.3'],
    ['-tls1_2', 'TLSv1.2'],
    ['-tls1_1', undefined],
  ] as const) {
    const { status, stderr } = await run(openssl, [...at, version, '-brief', '-verify_return_error']);
    if (spoken === undefined) t.not(status, 0, version);
    else t.match({ status, stderr }, { status: 0, stderr: spoken });
  }
});

// Attacks: true-peer.
t.test('openssl as a peer: one that speaks nothing newer than TLS 1.2 is refused, and told so', async (t) => {
  const openssl = await needTool(t, 'openssl');
  if (openssl === undefined) return;
  const port = await freePort();
  const args = [
    's_server',
    '-accept',
    `127.0.0.1:${port}`,
    '-cert',
    t2.certFile,
    '-key',
    t2.keyFile,
    '-tls1_2',
    '-quiet',
  ];
  const server = spawn(openssl, args, { stdio: 'ignore' });
  t.teardown(() => server.kill());
  await eventually(() => isReachable(port), 'openssl to listen');
  const weir = await startWeir(t, tier1(port));
  await using client = await RawClient.connect(weir.port);
  const head = await client.tunnel(`origin.example:${echo.port}`);
  t.match(head, /^HTTP\/1\.1 502 /);
  t.match(head, /Proxy-Status: .*error=tls_alert_received/i);
});

t.test('Squid is tier 2 behind TLS', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const port = await freePort();
  const files = `tls-cert=${t2.certFile} tls-key=${t2.keyFile} clientca=${ca}`;
  await Squid.start(t, program, {
    name: 'tlstwo',
    lines: [`https_port 127.0.0.1:${port} ${files}`, 'http_access allow all'],
    hosts: ['origin.example'],
  });
  await throughBoth(t, (await startWeir(t, tier1(port))).port);
});

t.test('Squid is tier 1 before TLS', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const weir = await startWeir(t, yamlOf({ name: 't2', listeners: TIER2_LISTENERS }));
  const options = `tls tls-cafile=${ca} sslcert=${t1.certFile} sslkey=${t1.keyFile} ssldomain=localhost`;
  const squid = await Squid.start(t, program, {
    name: 'tlsone',
    lines: [
      `cache_peer 127.0.0.1 parent ${weir.port} 0 no-query no-digest default ${options}`,
      'never_direct allow all',
      'http_access allow all',
    ],
    hosts: ['origin.example'],
  });
  await throughBoth(t, squid.port);
});

t.test('two workers take up the sessions of each other, and the chain works with them', async (t) => {
  const second = await startWeir(t, yamlOf({ name: 't2', workers: '2', listeners: TIER2_LISTENERS }));
  const first = await startWeir(t, tier1(second.port, { workers: '2' }));
  for (let round = 0; round < 6; round += 1) await throughBoth(t, first.port);
  const options = { port: second.port, host: '127.0.0.1', ca: issuer.ca, cert: t1.cert, key: t1.key };
  const secured = async (session?: Buffer): Promise<tls.TLSSocket> => {
    const socket = tls.connect({ ...options, ...(session && { session }) });
    await once(socket, 'secureConnect');
    return socket;
  };
  const begun = await secured();
  const [session] = (await once(begun.resume(), 'session')) as [Buffer];
  begun.destroy();
  const reused: boolean[] = [];
  for (let round = 0; round < 20; round += 1) {
    const socket = await secured(session);
    reused.push(socket.isSessionReused());
    socket.destroy();
  }
  t.strictSame(reused, Array<boolean>(20).fill(true));
});
