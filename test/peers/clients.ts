/**
 * Clients as people use them, through both tiers as real processes to servers on this machine. Each has a host name of its
 * own, so that its records are told from the others'. Asserted are the client's result, what the origin saw, and what both
 * tiers recorded under one transaction id.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type http from 'node:http';
import { join, normalize } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { fetch, ProxyAgent } from 'undici';
import { httpOrigin, tlsOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { run } from '../fixtures/run.ts';
import { assertSameTransactions, finish, pairOf, startTiers } from '../fixtures/tiers.ts';
import { Issuer } from '../fixtures/tls.ts';
import { needTool } from '../fixtures/tools.ts';

t.setTimeout(120_000);

const CLIENTS = ['curl', 'wget', 'git', 'npm', 'fetch', 'environment', 'chromium'] as const;
type Client = (typeof CLIENTS)[number];
const hostOf = (client: Client): string => `${client}.microsoft.com`;
/** Tier 1 lets it pass, tier 2 does not. */
const REFUSED_BY_T2 = 'refused.example';

/** What the origins saw, and what they serve beside a greeting: files by path. */
const seen: http.IncomingMessage[] = [];
const files = new Map<string, Buffer>();
const folder = folderOf(t);

const serve: http.RequestListener = (request, response) => {
  seen.push(request);
  const path = normalize(new URL(request.url ?? '/', 'http://origin').pathname);
  const file = files.get(path);
  if (path !== '/hello' && file === undefined) response.statusCode = 404;
  response.end(file ?? `hello ${request.headers.host?.split('.')[0]}\n`);
};

const issuer = owned(t, await Issuer.open());
const names = CLIENTS.map((client) => `DNS:${hostOf(client)}`).join();
const secure = owned(t, await tlsOrigin(await issuer.issue('origin', { names }), serve));
const plain = owned(t, await httpOrigin(serve));
const chain = await startTiers(t, {
  tlsPort: secure.port,
  hosts: CLIENTS.map(hostOf),
  tier1Only: [REFUSED_BY_T2],
});
const proxy = `http://127.0.0.1:${chain.t1.port}`;
const ca = issuer.caFile;
const tlsUrl = (client: Client, path = '/hello'): string => `https://${hostOf(client)}:${secure.port}${path}`;
const plainUrl = (client: Client, path = '/hello'): string => `http://${hostOf(client)}:${plain.port}${path}`;
const refusedUrl = `https://${REFUSED_BY_T2}:${secure.port}/`;

/** Variables that make a client go through tier 1. */
const variables = { http_proxy: proxy, https_proxy: proxy, HOME: folder };

/** Asserts that a client's CONNECT went through both tiers, and is one transaction. */
async function assertTunnel(t: Test, client: Client): Promise<void> {
  const isMine = ({ method, host }: Record<string, unknown>): boolean =>
    method === 'CONNECT' && host === hostOf(client);
  const { t1, t2 } = await pairOf(chain, isMine);
  // Many a client closes with bytes unread, such as the server's goodbye, and that is a reset.
  const common = { outcome: /^(completed|client_gone)$/, status: 200, rule: 'microsoft-login' };
  t.match(t1, { ...common, hop: 't1', route: 'out', peer: /^vm-/, client_ip: '127.0.0.1' }, 'tier 1 says so');
  t.match(t2, { ...common, hop: 't2', route: 'internet', upstream_ip: '127.0.0.1' }, 'tier 2 says so');
  t.ok(Number(t2.bytes_to_client) >= Number(t1.bytes_to_client), 'tier 1 made up no byte on the way down');
  t.ok(Number(t1.bytes_from_client) >= Number(t2.bytes_from_client), 'and tier 2 none on the way up');
  const requests = seen.filter(({ headers }) => headers.host === `${hostOf(client)}:${secure.port}`);
  t.ok(requests.length > 0, 'the origin was asked');
  t.ok(
    requests.every(({ headers }) => headers.via === undefined),
    'inside of a tunnel the proxies are not seen',
  );
}

/** Asserts that a client's plain request went through both tiers, and is one transaction. */
async function assertForward(t: Test, client: Client): Promise<void> {
  const { t1, t2 } = await pairOf(chain, ({ method, host }) => method === 'GET' && host === hostOf(client));
  t.match(t1, { outcome: 'completed', status: 200, hop: 't1', peer: /^vm-/ }, 'tier 1 says so');
  t.match(t2, { outcome: 'completed', status: 200, hop: 't2', upstream_ip: '127.0.0.1' }, 'tier 2 says so');
  const request = seen.find(({ headers }) => headers.host === `${hostOf(client)}:${plain.port}`);
  t.match(request?.headers.via, /^1\.1 t1-\w+, 1\.1 t2-\w+$/, 'the origin is told of both tiers');
  t.notOk(request?.headers['weir-transaction'], 'but not of what is between them');
  t.notOk(request?.headers['proxy-connection'], 'nor of what the client told tier 1');
}

/** Asserts that tier 2 refused the host that only tier 1 allows, `times` by now. */
async function assertRefusedByTier2(t: Test, times: number): Promise<void> {
  await chain.t2.until('the refusal of tier 2', () => refusals()[times - 1]);
  t.match(refusals(), Array(times).fill({ outcome: 'denied', rule: 'not-microsoft', status: 403 }));
  const pair = await pairOf(chain, ({ host }) => host === REFUSED_BY_T2);
  t.match(pair.t1, { outcome: 'denied', reason: 'peer_refused', error: 'http_request_denied', status: 403 });
}

const refusals = () => chain.t2.records.filter(({ host }) => host === REFUSED_BY_T2);

t.test('curl', async (t) => {
  const curl = await needTool(t, 'curl');
  if (curl === undefined) return;
  const ask = (...args: string[]) => run(curl, ['-q', '-sS', '--cacert', ca, '-x', proxy, ...args]);
  const tunnel = await ask('-w', '%{http_connect} %{http_code}', tlsUrl('curl'));
  t.match(tunnel, { status: 0, stdout: 'hello curl\n200 200', stderr: '' }, 'an answer through the tunnel');
  await assertTunnel(t, 'curl');
  const forward = await ask(plainUrl('curl', '/hello?password=1'));
  t.match(forward, { status: 0, stdout: 'hello curl\n', stderr: '' }, 'an answer to a plain request');
  await assertForward(t, 'curl');
  const { t2 } = await pairOf(chain, ({ url }) => String(url).includes(hostOf('curl')));
  t.equal(t2.url, plainUrl('curl', '/hello?[redacted]'), 'the log has no query');
  const refused = await ask('-D', '-', refusedUrl);
  t.match(refused, { status: 56, stderr: /403/ }, 'an exit status that says so');
  t.match(refused.stdout, /^HTTP\/1\.1 403 Denied by t2 rule not-microsoft\r$/m, "tier 2's own words");
  t.match(
    refused.stdout,
    /^Proxy-Status: t2;error=http_request_denied;.*, t1;.*received-status=403/m,
    'both tiers',
  );
  await assertRefusedByTier2(t, 1);
});

t.test('wget', async (t) => {
  const wget = await needTool(t, 'wget');
  if (wget === undefined) return;
  const ask = (...args: string[]) => {
    return run(wget, ['--no-config', '-nv', '-O', '-', `--ca-certificate=${ca}`, ...args], {
      env: variables,
    });
  };
  t.match(await ask(tlsUrl('wget')), { status: 0, stdout: 'hello wget\n' }, 'an answer through the tunnel');
  await assertTunnel(t, 'wget');
  t.match(await ask(plainUrl('wget')), { status: 0, stdout: 'hello wget\n' }, 'an answer to a plain request');
  await assertForward(t, 'wget');
  const refused = await ask(refusedUrl);
  t.match(refused.stderr, /Denied by t2 rule not-microsoft/, 'wget shows the reason phrase');
  t.not(refused.status, 0, 'and fails');
});

/** A repository of one commit, in the form that a plain file server can give out. */
async function makeRepository(git: string): Promise<string> {
  const [work, bare] = [join(folder, 'work'), join(folder, 'tiny.git')];
  mkdirSync(work);
  writeFileSync(join(work, 'README'), 'tiny\n');
  const author = ['-c', 'user.name=Weir', '-c', 'user.email=weir@example.com'];
  for (const args of [
    ['init', '-q', work],
    ['-C', work, 'add', '.'],
    ['-C', work, ...author, 'commit', '-q', '-m', 'One'],
    ['clone', '-q', '--bare', work, bare],
    ['-C', bare, 'update-server-info'],
  ]) {
    const { status, stderr } = await run(git, args, { env: { HOME: folder } });
    if (status !== 0) throw new Error(`Cannot make the repository: git ${args.join(' ')}: ${stderr}`);
  }
  return bare;
}

t.test('git clone over HTTPS', async (t) => {
  const git = await needTool(t, 'git');
  if (git === undefined) return;
  const bare = await makeRepository(git);
  const { stdout } = await run('find', ['.', '-type', 'f'], { cwd: bare });
  for (const path of stdout.split('\n').filter(Boolean)) {
    files.set(join('/tiny.git', path), readFileSync(join(bare, path)));
  }
  const target = join(folder, 'clone');
  const config = ['-c', `http.proxy=${proxy}`, '-c', `http.sslCAInfo=${ca}`];
  const env = { HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  const clone = await run(git, [...config, 'clone', '-q', tlsUrl('git', '/tiny.git'), target], { env });
  t.match(clone, { status: 0 }, clone.stderr);
  t.equal(readFileSync(join(target, 'README'), 'utf8'), 'tiny\n', 'the file is there');
  await assertTunnel(t, 'git');
  const refused = await run(git, [...config, 'clone', refusedUrl, join(folder, 'refused')], { env });
  t.match(refused.stderr, /CONNECT tunnel failed, response 403/, 'git shows the status');
});

/** Puts a package of one file behind the plain origin, in the form of an npm registry. */
async function publish(tar: string): Promise<void> {
  const root = join(folder, 'registry');
  mkdirSync(join(root, 'package'), { recursive: true });
  writeFileSync(join(root, 'package/package.json'), '{ "name": "tiny", "version": "1.0.0" }');
  await run(tar, ['-C', root, '-czf', join(root, 'tiny.tgz'), 'package']);
  const tarball = readFileSync(join(root, 'tiny.tgz'));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const dist = { tarball: plainUrl('npm', '/tiny/-/tiny-1.0.0.tgz'), integrity };
  const versions = { '1.0.0': { name: 'tiny', version: '1.0.0', dist } };
  files.set(
    '/tiny',
    Buffer.from(JSON.stringify({ name: 'tiny', 'dist-tags': { latest: '1.0.0' }, versions })),
  );
  files.set('/tiny/-/tiny-1.0.0.tgz', tarball);
}

t.test('npm install', async (t) => {
  const [npm, tar] = [await needTool(t, 'npm'), await needTool(t, 'tar')];
  if (npm === undefined || tar === undefined) return;
  await publish(tar);
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const registry = ['--registry', plainUrl('npm', '/'), '--proxy', proxy];
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-update-notifier'];
  const where = [
    '--prefix',
    project,
    '--cache',
    join(folder, 'cache'),
    '--userconfig',
    join(folder, 'npmrc'),
  ];
  const settings = { cwd: project, env: { HOME: folder } };
  const install = await run(npm, ['install', 'tiny', ...where, ...registry, ...quiet], settings);
  t.match(install, { status: 0 }, install.stderr);
  const installed = readFileSync(join(project, 'node_modules/tiny/package.json'), 'utf8');
  t.match(JSON.parse(installed), { version: '1.0.0' }, 'the package is there');
  await assertForward(t, 'npm');
  const paths = seen.filter(({ headers }) => headers.host?.startsWith('npm.')).map(({ url }) => url);
  t.same(paths, ['/tiny', '/tiny/-/tiny-1.0.0.tgz'], 'both of its requests came through');
});

/** The messages of an error and of all that caused it. */
function causesOf(error: unknown): string {
  return error instanceof Error ? `${error.message}; ${causesOf(error.cause)}` : '';
}

t.test('fetch with the ProxyAgent of undici', async (t) => {
  const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca: readFileSync(ca) }, proxyTunnel: false });
  try {
    const answer = await fetch(tlsUrl('fetch'), { dispatcher });
    t.equal(await answer.text(), 'hello fetch\n', 'the answer came through the tunnel');
    const forwarded = await fetch(plainUrl('fetch'), { dispatcher });
    t.equal(await forwarded.text(), 'hello fetch\n', 'and the plain one');
    const error = await fetch(refusedUrl, { dispatcher }).catch((error: unknown) => error);
    t.match(causesOf(error), /Proxy response \(403\)/, 'the refusal is an error that names the status');
  } finally {
    await dispatcher.destroy();
  }
  await assertTunnel(t, 'fetch');
  await assertForward(t, 'fetch');
});

t.test('Node with NODE_USE_ENV_PROXY', async (t) => {
  const script = `
    for (const url of process.argv.slice(1)) {
      const response = await fetch(url);
      process.stdout.write(response.status + ' ' + await response.text());
    }`;
  const upper = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy };
  const env = { ...upper, NODE_USE_ENV_PROXY: '1', NODE_EXTRA_CA_CERTS: ca };
  const urls = [tlsUrl('environment'), plainUrl('environment')];
  const node = await run(process.execPath, ['--input-type=module', '-e', script, ...urls], { env });
  t.match(node, { status: 0, stdout: '200 hello environment\n200 hello environment\n' }, node.stderr);
  await assertTunnel(t, 'environment');
  await assertForward(t, 'environment');
});

t.test('Chromium without a head', async (t) => {
  const executablePath = await needTool(t, 'chromium');
  if (executablePath === undefined) return;
  const page = '<!doctype html><title>Through both tiers</title><link rel="icon" href="data:,">';
  files.set('/page.html', Buffer.from(page));
  const { chromium } = await import('playwright-core');
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...quiet],
    proxy: { server: proxy, bypass: '<-loopback>' },
  });
  t.teardown(() => browser.close());
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const tab = await context.newPage();
  const answer = await tab.goto(tlsUrl('chromium', '/page.html'));
  t.equal(answer?.status(), 200, 'the page loads');
  t.equal(await tab.title(), 'Through both tiers', 'and is the one served');
  const before = refusals().length;
  await t.rejects(tab.goto(refusedUrl), { message: /net::ERR_TUNNEL_CONNECTION_FAILED/ }, 'a refusal');
  await assertRefusedByTier2(t, before + 1);
  await browser.close();
  await assertTunnel(t, 'chromium');
});

t.test('both tiers recorded the same transactions, each of them once', async (t) => {
  await finish(t, chain);
  assertSameTransactions(t, chain);
});
