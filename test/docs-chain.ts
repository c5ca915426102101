/**
 * Walks docs/chain.md: its certificates are made by its commands, its files are written beside them, both tiers run by those, and
 * a client goes through; then certificates and keys change under an open tunnel, and what goes wrong looks as the page says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { freePort } from '../scripts/lib/ports.ts';
import { WEIR, type WeirProcess } from '../scripts/lib/weir-process.ts';
import { RawClient } from './fixtures/client.ts';
import { echoOrigin } from './fixtures/origin.ts';
import { folderOf, owned } from './fixtures/owned.ts';
import { run } from './fixtures/run.ts';
import { metric, startWeirBy } from './fixtures/weir.ts';
import { eventually } from './fixtures/within.ts';

t.setTimeout(120_000);

const page = readFileSync(join(import.meta.dirname, '../docs/chain.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', file = '', text = '']) => ({ kind, file, text }),
);
const [certificates = '', questions = '', origins = '', requests = ''] = blocks.flatMap(({ kind, text }) =>
  kind === 'sh' ? [text] : [],
);

const folder = folderOf(t);
const tier2Port = await freePort();

/** The file of the page, on ports that are free. */
function fileOf(name: string): string {
  const text = blocks.find(({ file }) => file === name)?.text ?? '';
  return text.replaceAll(':3138', `:${tier2Port}`).replaceAll(/:(?:3128|9128|9138) /g, ':0 ');
}

async function shell(commands: string): Promise<string> {
  const script = `weir() { "${WEIR}" "$@"; }\nset -e\n${commands}`;
  const env = { PATH: `${process.env.PATH}` };
  const { status, stdout, stderr } = await run('sh', ['-c', script], { cwd: folder, env });
  if (status !== 0) throw new Error(`${commands} failed: ${stdout}${stderr}`);
  return stdout;
}

await shell(certificates);
for (const name of ['t1.yaml', 't2.yaml']) writeFileSync(join(folder, name), fileOf(name));

const origin = owned(t, await echoOrigin());
const authority = `origin.example:${origin.port}`;
const tier2 = await startWeirBy(t, join(folder, 't2.yaml'));
const tier1 = await startWeirBy(t, join(folder, 't1.yaml'));

t.test('docs/chain.md has two files that are a chain', async (t) => {
  const said = await shell(questions);
  t.match(said, 't1 to t2: all that the first sends is allowed by the second');
  t.notMatch(said, /: (?:error|warning): /);
  t.match(said, 'client is namespace api, pod api-0, labels app=api, by hop.assert of t1');
  t.match(said, 'peer vm-a: mutual TLS, its certificate has to name localhost; it is told who asks');
});

async function client(): Promise<RawClient> {
  return owned(t, await RawClient.connect(tier1.port));
}

/** Status and reason phrase of one more tunnel. */
async function answer(target = authority): Promise<string> {
  const head = await (await client()).tunnel(target);
  return head.slice('HTTP/1.1 '.length, head.indexOf('\r\n'));
}

const LOADED = 'weir_reloads_total{result="success"}';

async function reloaded(weir: WeirProcess, change: () => unknown): Promise<void> {
  const before = await metric(weir, LOADED);
  await change();
  await eventually(async () => (await metric(weir, LOADED)) > before, 'a reload');
}

t.test('docs/chain.md has a chain that serves, while certificates and keys change', async (t) => {
  const kept = await client();
  t.match(await kept.tunnel(authority), /^HTTP\/1\.1 200 /);
  t.equal(await metric(tier2, 'weir_hop_assertions_total{result="accepted"}'), 1);
  const isReady = async (): Promise<boolean> =>
    (await metric(tier1, 'weir_peer_standby{peer="vm-a"}')) ===
    (await metric(tier1, 'weir_peer_standby_wanted{peer="vm-a"}'));
  await eventually(isReady, 'connections ahead');
  await reloaded(tier2, () =>
    reloaded(tier1, () =>
      shell(`openssl rand -base64 32 > next.key; cat hop.key next.key > both; mv both hop.key
openssl x509 -req -in t2.csr -CA ca.pem -CAkey ca.key -set_serial 3 -days 90 -extfile t2.ext -out new.pem
mv new.pem t2.pem`),
    ),
  );
  t.equal(await answer(), '200 Connection established', 'with a new certificate, and a key to come');
  kept.send('still here');
  await kept.expect('still here');
});

t.test('docs/chain.md has an origin, and a client that reaches it', async (t) => {
  const port = await freePort();
  const here = (text: string): string =>
    text.trim().replaceAll('8080', `${port}`).replaceAll(':3128', `:${tier1.port}`);
  const ready = `curl -s --retry 30 --retry-connrefused --retry-delay 1 http://127.0.0.1:${port}/`;
  const said = await shell(`${here(origins)} & trap "kill $!" EXIT\n${ready}\n${here(requests)}`);
  t.equal(said, 'It works\nIt works\n');
  t.match(page, 'prints `It works`');
  t.match(await answer(`origin.example:${await freePort()}`), /^502 Target refused the connection \(t2\)$/);
});

t.test('docs/chain.md tells what a client sees of faults, and weir check finds them', async (t) => {
  const good = fileOf('t1.yaml');
  const faults = [
    [
      'client-certificate-refused',
      '502 Peer refused TLS (t1)',
      good.replace(', cert: t1.pem, key: t1.key', ''),
    ],
    [
      'client-certificate-refused',
      '502 Peer closed the connection (t1)',
      good.replace('cert: t1.pem, key: t1.key', 'cert: strange.pem, key: strange.key'),
    ],
    [
      'peer-certificate-refused',
      '502 Certificate of the peer refused (t1)',
      good.replace('key: t1.key', 'key: t1.key, serverName: vm-b.example'),
    ],
    [
      'hop-key-unknown',
      '403 Identity assertion refused (t2)',
      good.replace('keyFile: hop.key', 'keyFile: other.key'),
    ],
  ] as const;
  await shell(`openssl rand -base64 32 > other.key
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout strange.key -out strange.pem -days 90 -subj "/CN=t1"`);
  for (const [code, expected, yaml] of faults) {
    t.ok(page.includes(`\`${expected}\``), 'the page has it');
    await reloaded(tier1, () => writeFileSync(join(folder, 't1.yaml'), yaml));
    t.equal(await answer(), expected);
    const { stdout } = await run(WEIR, ['check', 't1.yaml', 't2.yaml'], { cwd: folder });
    t.match(stdout, `error: `);
    t.match(stdout, `(${code})`);
  }
  writeFileSync(join(folder, 'silent.yaml'), good.replace(/^hop: .*$/m, ''));
  const { stdout } = await run(WEIR, ['check', 'silent.yaml', 't2.yaml'], { cwd: folder });
  t.match(stdout, '(word-on-one-side)');
  await reloaded(tier1, () => writeFileSync(join(folder, 't1.yaml'), good));
  tier2.signal('SIGKILL');
  await tier2.exited;
  t.equal(await answer(), '503 No peer can be reached (t1)');
  await tier1.logged('Peer is down');
  t.equal(await metric(tier1, 'weir_route_degraded{route="out"}'), 1);
});
