/**
 * `sni: verify` before clients as people use them: two tiers as real processes, of which the second verifies and the first records,
 * and a server with TLS behind them.
 */
import t, { type Test } from 'tap';
import { tlsOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { type Ended, run } from '../fixtures/run.ts';
import { Issuer } from '../fixtures/tls.ts';
import { needTool } from '../fixtures/tools.ts';
import { startWeir } from '../fixtures/weir.ts';

t.setTimeout(120_000);

const HOST = 'origin.example';
const FRONT = 'front.example';

const issuer = owned(t, await Issuer.open());
const certificate = await issuer.issue(HOST, { names: `DNS:${HOST},DNS:${FRONT}` });
const hosts: string[] = [];
const origin = owned(
  t,
  await tlsOrigin(certificate, (request, response) => {
    hosts.push(request.headers.host ?? '');
    response.end('<!doctype html><title>hello</title><link rel="icon" href="data:,">');
  }),
);

function yamlOf(name: string, sni: string, rest: string): string {
  return `
name: ${name}
listeners: [{ name: main, address: 127.0.0.1:0 }]
admin: { address: 127.0.0.1:0 }
access: [{ name: everything, allow: [all], sni: ${sni} }]
${rest}
`;
}

const second = await startWeir(
  t,
  yamlOf(
    't2',
    'verify',
    `guard: { allow: [127.0.0.0/8] }
dns: { hosts: { ${HOST}: 127.0.0.1 }, hostsFile: none, servers: [127.0.0.1:9] }
acls: { near: { src: [127.0.0.0/8] } }
hop: { trust: { from: [near] } }
routes: [{ name: out, direct: true }]`,
  ),
);
const first = await startWeir(
  t,
  yamlOf(
    't1',
    'log',
    `peers: { t2: { address: 127.0.0.1:${second.port}, hop: true } }
routes: [{ name: out, peers: [t2] }]`,
  ),
);
const proxy = `127.0.0.1:${first.port}`;
const target = `${HOST}:${origin.port}`;

/** Asserts what both tiers recorded last of all. */
async function assertRecorded(t: Test, sni: string, reason: string | undefined): Promise<void> {
  const count = seen + 1;
  seen = count;
  const nth = async (tier: typeof first) =>
    tier.until('a record', () => tier.records.filter(({ event }) => event === 'end')[count - 1]);
  t.match(await nth(first), { method: 'CONNECT', status: 200, sni });
  t.match(await nth(second), { method: 'CONNECT', status: 200, sni, reason, rule: 'everything' });
}

let seen = 0;

/** curl to the host, with the server name of `url`. */
function curl(host: string): Promise<Ended> {
  return run('curl', [
    ...['-sS', '--max-time', '20', '-x', `http://${proxy}`, '--cacert', issuer.caFile],
    // The CONNECT is for the second pair whatever the URL says, and the server name is the URL's.
    ...['--connect-to', `${host}:${origin.port}:${target}`, `https://${host}:${origin.port}/`],
  ]);
}

// Attacks: no-early-byte.
t.test('curl gets through to the host of its CONNECT, and to no other behind it', async (t) => {
  t.match(await curl(HOST), { status: 0, stdout: /hello/ });
  await assertRecorded(t, HOST, undefined);
  const before = hosts.length;
  const fronting = await curl(FRONT);
  t.match(fronting, { status: 35, stdout: '' }, fronting.stderr);
  t.equal(hosts.length, before, 'the origin has served nobody');
  await assertRecorded(t, FRONT, 'sni_mismatch');
});

t.test('so does openssl', async (t) => {
  const greet = (name: string): Promise<Ended> =>
    run('openssl', [
      ...['s_client', '-proxy', proxy, '-connect', target, '-servername', name],
      ...['-CAfile', issuer.caFile, '-verify_return_error', '-alpn', 'http/1.1'],
    ]);
  t.match(await greet(HOST), { status: 0, stdout: /Verify return code: 0 \(ok\)/ });
  await assertRecorded(t, HOST, undefined);
  const fronting = await greet(FRONT);
  t.match(fronting, { status: 1, stdout: /no peer certificate available/ }, fronting.stderr);
  await assertRecorded(t, FRONT, 'sni_mismatch');
});

t.test('so does a browser, with its post-quantum key share and GREASE for ECH', async (t) => {
  const executablePath = await needTool(t, 'chromium');
  if (executablePath === undefined) return;
  const { chromium } = await import('playwright-core');
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...quiet],
    proxy: { server: `http://${proxy}`, bypass: '<-loopback>' },
  });
  t.teardown(() => browser.close());
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const tab = await context.newPage();
  const answer = await tab.goto(`https://${target}/`);
  t.equal(answer?.status(), 200);
  await browser.close();
  const ends = await second.until('the end of its tunnels', () => {
    // Of hosts of its own it asks for as well, nobody leads there.
    const all = second.records.filter(({ event, host }) => event === 'end' && host === HOST);
    return all.length > seen ? all.slice(seen) : undefined;
  });
  for (const end of ends) t.match(end, { sni: HOST, alpn: /\bh2\b/, rule: 'everything' });
  t.ok(ends.some(({ reason }) => reason === undefined || reason === 'client_gone'));
});
