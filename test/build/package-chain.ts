/**
 * The program of the Debian package as both tiers of a chain, each in a network of its own: tier 1 reaches nothing but tier 2, and only
 * tier 2 the origin. Part of `npm run test:package`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { must } from '../fixtures/image-bases.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { type Ended, run } from '../fixtures/run.ts';
import { needTool } from '../fixtures/tools.ts';

t.setTimeout(120_000);

const DIST = join(import.meta.dirname, '../../dist');
const NEAR = `weir-near-${process.pid}`;
const FAR = `weir-far-${process.pid}`;

const TIER_1 = `
name: t1
listeners: [{ name: main, address: "127.0.0.1:3128" }]
admin: { address: "127.0.0.1:9128" }
identity: { static: { 127.0.0.1/32: { namespace: api, pod: api-1 } } }
acls: { api: { namespaces: [api] } }
access: [{ name: api-out, allow: [api] }]
peers: { vm: { address: "10.77.0.2:3128", hop: true } }
routes: [{ name: out, peers: [vm] }]
hop: { assert: { keyFile: hop.key } }
`;

const TIER_2 = `
name: t2
listeners: [{ name: main, address: "10.77.0.2:3128" }]
admin: { address: "127.0.0.1:9128" }
acls:
  tier_1: { src: [10.77.0.1] }
  microsoft: { dstDomains: [.microsoft.com] }
access:
  - { name: not-microsoft, deny: ["!microsoft"] }
  - { name: microsoft-login, allow: [tier_1, microsoft], allowPrivate: [10.77.1.1] }
routes: [{ name: internet, direct: true }]
dns: { hosts: { login.microsoft.com: 10.77.1.1 } }
hop: { trust: { from: [tier_1], keyFiles: [hop.key], audience: ["10.77.0.2:3128"] } }
log: { audit: { path: audit.log, strict: true } }
`;

const ORIGIN = `require('node:http').createServer((request, response) => response.end('from the origin'))
  .listen(443, '10.77.1.1', () => console.log('ready'));`;

/** Makes both networks, with a line between them, and an address beyond that only one has. False: the machine forbids it. */
async function twoNetworks(t: Test): Promise<boolean> {
  for (const tool of ['ip', 'curl', 'dpkg-deb']) if ((await needTool(t, tool)) === undefined) return false;
  const made = await run('ip', ['netns', 'add', NEAR]);
  if (made.status !== 0) {
    t.pass('chains two tiers', { skip: `no network can be made here: ${made.stderr.trim()}` });
    return false;
  }
  t.teardown(() => run('ip', ['netns', 'delete', NEAR]));
  must('ip', ['netns', 'add', FAR]);
  t.teardown(() => run('ip', ['netns', 'delete', FAR]));
  must('ip', ['-n', NEAR, 'link', 'add', 'line', 'type', 'veth', 'peer', 'name', 'line', 'netns', FAR]);
  for (const [network, address] of [
    [NEAR, '10.77.0.1/24'],
    [FAR, '10.77.0.2/24'],
  ] as const) {
    must('ip', ['-n', network, 'address', 'add', address, 'dev', 'line']);
    for (const link of ['lo', 'line']) must('ip', ['-n', network, 'link', 'set', link, 'up']);
  }
  must('ip', ['-n', FAR, 'address', 'add', '10.77.1.1/32', 'dev', 'lo']);
  return true;
}

/** What starts the package's program in a network, as a path. */
function programIn(folder: string, network: string): string {
  const path = join(folder, network);
  writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${network} ${folder}/usr/bin/weir "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

async function startTier(t: Test, program: string, yaml: string): Promise<WeirProcess> {
  const file = `${program}.yaml`;
  writeFileSync(file, yaml);
  return owned(t, await WeirProcess.startProgram(program, file));
}

async function startOrigin(t: Test): Promise<ChildProcess> {
  const origin = spawn('ip', ['netns', 'exec', FAR, process.execPath, '-e', ORIGIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => origin.kill());
  await once(origin.stdout, 'data');
  return origin;
}

function curl(...args: readonly string[]): Promise<Ended> {
  return run('ip', ['netns', 'exec', NEAR, 'curl', '--silent', '--show-error', '--max-time', '20', ...args]);
}

const throughBoth = (url: string): Promise<Ended> =>
  curl('--proxytunnel', '--proxy', 'http://127.0.0.1:3128', '--dump-header', '-', url);

t.test('the package is both tiers of a chain, and the only way to the origin', async (t) => {
  if (!(await twoNetworks(t))) return;
  const folder = folderOf(t);
  const [name = 'weir.deb'] = readdirSync(DIST).filter((each) => each.endsWith('.deb'));
  must('dpkg-deb', ['--extract', join(DIST, name), folder]);
  writeFileSync(join(folder, 'hop.key'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  await startOrigin(t);
  const second = await startTier(t, programIn(folder, FAR), TIER_2);
  const first = await startTier(t, programIn(folder, NEAR), TIER_1);

  const passed = await throughBoth('http://login.microsoft.com:443/');
  t.equal(passed.status, 0, passed.stderr);
  t.match(passed.stdout, /from the origin$/);
  const refused = await throughBoth('http://shop.example:443/');
  t.equal(refused.status, 56, 'CONNECT failed');
  t.match(refused.stdout, /^HTTP\/1\.1 403 Denied by t2 rule not-microsoft/m);
  t.match(refused.stdout, /^Proxy-Status: t2;error=http_request_denied;.*, t1;/m);
  const around = await curl('--noproxy', '*', 'http://10.77.1.1:443/');
  t.equal(around.status, 7, `there is no way around: ${around.stderr}`);

  const here = await first.ended(2);
  const there = await second.ended(2);
  t.same(
    there.map((line) => line.transaction_id),
    here.map((line) => line.transaction_id),
    'one id in both logs',
  );
  for (const line of there) t.match(line, { hop: 't2', namespace: 'api', pod: 'api-1' });

  for (const tier of [first, second]) {
    tier.signal('SIGTERM');
    t.same(await tier.exited, { code: 0, signal: null });
  }
  const trail = join(folder, 'audit.log');
  const verified = await run(join(folder, 'usr/bin/weir'), ['audit', 'verify', trail]);
  t.equal(verified.status, 0, verified.stdout + verified.stderr);
  for (const host of ['login.microsoft.com', 'shop.example']) t.match(readFileSync(trail, 'utf8'), host);
});
