/** A real name server, dnsmasq: what c-ares and Weir make of its answers, and of its death. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import t, { type Test } from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { needTool } from '../fixtures/tools.ts';
import { within } from '../fixtures/within.ts';

t.setTimeout(120_000);

/** The only address that the guard lets pass here. It stands for a public one. */
const PUBLIC = '127.0.0.7';

const MANY = Array.from({ length: 100 }, (_, i) => `--address=/many.example/10.0.1.${i + 1}`);
const RECORDS = [
  `--host-record=www.example,${PUBLIC}`,
  '--cname=alias.example,www.example',
  `--address=/mixed.example/${PUBLIC}`,
  '--address=/mixed.example/169.254.169.254',
  '--address=/mapped.example/::ffff:10.0.0.1',
  '--address=/nat64.example/64:ff9b::a00:1',
  '--address=/gone.example/',
  ...MANY,
];

interface NameServer extends AsyncDisposable {
  readonly address: string;
  stop(): Promise<void>;
}

/** Undefined where it is not installed. */
async function startNameServer(t: Test): Promise<NameServer | undefined> {
  const path = await needTool(t, 'dnsmasq');
  if (path === undefined) return undefined;
  const port = await closedPort();
  const own = ['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--pid-file='];
  const where = [`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', '--log-facility=-'];
  const rest = [`--user=${os.userInfo().username}`, '--local-ttl=1', '--no-daemon'];
  const child = spawn(path, [...own, ...where, ...rest, ...RECORDS], { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  let said = '';
  const started = Promise.withResolvers<void>();
  child.stderr.on('data', (text: Buffer) => {
    said += text;
    if (said.includes('started, version')) started.resolve();
  });
  child.on('close', () => started.reject(new Error(`dnsmasq does not run: ${said}`)));
  await within(started.promise, () => `dnsmasq to start: ${said}`);
  const stop = async (): Promise<void> => {
    child.kill();
    await closed;
  };
  return { address: `127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop };
}

function proxyBy(server: NameServer, more = ''): Promise<TestProxy> {
  const dns = `{ hostsFile: none, servers: ["${server.address}"]${more} }`;
  return startProxy(yamlOf({ dns, guard: `{ allow: [${PUBLIC}] }` }));
}

async function head(proxy: TestProxy, target: string): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  client.send(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  client.end();
  return await client.rest();
}

// Attacks: same-address.
t.test('a real name server: names and aliases are reached, and what is inside is not', async (t) => {
  await using server = await startNameServer(t);
  if (server === undefined) return;
  await using origin = await rawOrigin(PUBLIC);
  await using proxy = await proxyBy(server);
  for (const name of ['www.example', 'alias.example', 'mixed.example']) {
    const asking = head(proxy, `${name}:${origin.port}`);
    (await origin.accept()).end();
    t.match(await asking, /^HTTP\/1\.1 200 /, name);
  }
  for (const name of ['mapped.example', 'nat64.example', 'many.example']) {
    t.match(await head(proxy, `${name}:${origin.port}`), /^HTTP\/1\.1 403 Special-purpose address/, name);
  }
  t.match(await head(proxy, `gone.example:${origin.port}`), /^HTTP\/1\.1 502 Name cannot be resolved/);
  const records = await proxy.ended(7);
  const of = (host: string) => records.find((record) => record.host === host);
  t.match(of('mixed.example'), {
    upstreamIp: PUBLIC,
    answers: { refused: [/^169\.254\.169\.254 \(link-local/], isMixed: true },
  });
  t.equal(
    of('many.example')?.answers?.all.at(-1),
    '16 more',
    'of the 32 that are taken in, more than UDP carries',
  );
  t.match(of('gone.example'), { reason: 'dns_error', detail: /NXDOMAIN$/ });
  t.equal(origin.accepted, 3);
});

for (const [staleTtl, title, expected] of [
  ['60s', 'still', /^HTTP\/1\.1 502 Target refused/],
  ['0s', 'no longer', /^HTTP\/1\.1 502 Name cannot be resolved/],
] as const) {
  t.test(
    `a real name server dies: with staleTtl ${staleTtl} a name that it gave is ${title} known`,
    async (t) => {
      await using server = await startNameServer(t);
      if (server === undefined) return;
      const port = await closedPort();
      const dns = `{ hostsFile: none, servers: ["${server.address}"], minTtl: 0s, maxTtl: 1ms, staleTtl: ${staleTtl} }`;
      await using proxy = await startProxy(yamlOf({ dns, guard: `{ allow: [127.0.0.0/8] }` }));
      const target = `www.example:${port}`;
      // Nobody listens there: that it was dialled is what tells that the name was known.
      t.match(await head(proxy, target), /^HTTP\/1\.1 502 Target refused/);
      await server.stop();
      t.match(await head(proxy, target), expected);
      await proxy.ended(2);
    },
  );
}
