/** `npm run demo`, run as a person runs it; and how it tells that something came out otherwise. */
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { differences, type Expected, type Observed } from '../../scripts/lib/demo-outcome.ts';
import { renderLogs } from '../../scripts/lib/demo-print.ts';
import { startTap } from '../../scripts/lib/demo-stage.ts';
import { folderOf } from '../fixtures/owned.ts';
import { run } from '../fixtures/run.ts';
import { needTool } from '../fixtures/tools.ts';

const DEMO = join(import.meta.dirname, '../../scripts/demo.ts');

/** Runs the demo with a folder for temporary files that must be empty afterwards. */
async function demo(folder: string, env: Readonly<Record<string, string>> = {}) {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const ended = await run(process.execPath, [DEMO], { env: { TMPDIR: temporary, ...env } });
  return { ...ended, left: readdirSync(temporary) };
}

t.test('the demo shows all three outcomes and ends well', async (t) => {
  if ((await needTool(t, 'openssl')) === undefined || (await needTool(t, 'curl')) === undefined) return;
  const { status, stdout, stderr, left } = await demo(folderOf(t));
  t.equal(status, 0, 'it ends well');
  if (status !== 0) t.comment(stdout + stderr);
  t.match(stdout, /^ {3}\$ curl .*\n {3}Hello from the origin$/m, 'what the client saw of the origin');
  t.match(stdout, /^ {3}\$ curl .*\n {3}curl: .*403$/m, 'and what it saw of a refusal');
  t.match(stdout, /^ {3}HTTP\/1\.1 200 Connection established\n {3}Proxy-Status: t2;.*, t1;/m, 'one passes');
  t.match(
    stdout,
    /^ {3}HTTP\/1\.1 403 Denied by t1 rule not-microsoft\n {3}Proxy-Status: t1;error=/m,
    'tier 1 refuses one',
  );
  t.match(
    stdout,
    /^ {3}HTTP\/1\.1 403 Denied by t2 rule after-hours\n {3}Proxy-Status: t2;error=/m,
    'and tier 2 one',
  );
  t.match(stdout, /^ {3}rule +microsoft-login +after-hours$/m, 'the logs of both tiers, side by side');
  t.match(stdout, /^ {3}event +end +\(nothing: the request never got here\)$/m, 'or that one has nothing');
  t.same(stdout.match(/^✓ .*: \d{3}/gm), [
    '✓ Allowed by both tiers: 200',
    '✓ Refused by tier 1: 403',
    '✓ Refused by tier 2: 403',
  ]);
  t.notOk(stdout.includes('\x1b'), 'no colours where there is no terminal');
  t.same(left, [], 'nothing is left behind');
});

t.test('the demo needs no curl', async (t) => {
  const folder = folderOf(t);
  // What the demo and bin/weir call by name.
  for (const name of ['openssl', 'sh', 'cat', 'rm', 'dirname', 'readlink']) {
    const path = await needTool(t, name);
    if (path === undefined) return;
    symlinkSync(path, join(folder, name));
  }
  const { status, stdout, stderr } = await demo(folder, { PATH: folder });
  t.equal(status, 0, 'it ends well');
  if (status !== 0) t.comment(stdout + stderr);
  t.match(stdout, /\(curl is not installed\)\n {3}Hello from the origin$/m, 'its own client does the same');
});

t.test('the tap tells a connection from the end of the one before it', async (t) => {
  const proxy = net.createServer();
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  await using tap = await startTap((proxy.address() as AddressInfo).port);
  /** A client and the proxy's side of its connection, which has said `word`. */
  const connect = async (word: string) => {
    const client = net.connect(tap.port, '127.0.0.1');
    const [side] = (await once(proxy, 'connection')) as [net.Socket];
    side.write(word);
    await once(client, 'data');
    return { client, side };
  };
  const first = await connect('first');
  t.equal(tap.sent(), 'first');
  const second = await connect('second');
  first.side.write('late');
  await once(first.client, 'data');
  t.equal(tap.sent(), 'second');
  for (const { client, side } of [first, second]) {
    client.destroy();
    side.destroy();
  }
  proxy.close();
});

const EXPECTED: Expected = {
  status: 403,
  output: /403/,
  t1: 'denied peer_refused',
  t2: 'denied after-hours',
};
const LINE = { event: 'end', transaction_id: 'x', outcome: 'denied' } as const;
const OBSERVED: Observed = {
  answer: { statusLine: 'HTTP/1.1 403 No', status: 403, proxyStatus: 't2', transaction: 'x', body: 'No' },
  output: 'curl: (56) CONNECT tunnel failed, response 403',
  t1: { ...LINE, hop: 't1', rule: 'microsoft-login', reason: 'peer_refused' },
  t2: { ...LINE, hop: 't2', rule: 'after-hours', reason: 'rule_denied' },
};

t.test('differences() finds none where all is as expected', async (t) => {
  t.same(differences(EXPECTED, OBSERVED), [], 'both tiers were asked');
  const unheard: Observed = { ...OBSERVED, t2: undefined };
  t.same(differences({ ...EXPECTED, t2: '-' }, unheard), [], 'a tier that was not asked has no record');
});

t.test('differences() names each one', async (t) => {
  const { answer } = OBSERVED;
  for (const [observed, difference] of [
    [{ answer: { ...answer, status: 200 } }, 'status: expected 403, got 200'],
    [{ answer: { ...answer, transaction: '' } }, 'answer: it has no transaction id'],
    [{ output: 'Hello' }, 'client: expected /403/, got Hello'],
    [{ t1: undefined }, 'tier 1: expected denied peer_refused, got -'],
    [
      { t2: { ...LINE, hop: 't2', outcome: 'completed', rule: 'microsoft-login' } },
      'tier 2: expected denied after-hours, got completed microsoft-login',
    ],
  ] as const) {
    t.same(differences(EXPECTED, { ...OBSERVED, ...observed }), [difference], difference);
  }
});

t.test('renderLogs() keeps to the width it is given', async (t) => {
  for (const columns of [120, 80, 60, 40]) {
    const lines = renderLogs(OBSERVED, columns);
    t.ok(
      lines.every((line) => line.trimEnd().length <= columns),
      `no line is longer than ${columns}`,
    );
    const isSideBySide = lines.some((line) => line.includes('tier 1') && line.includes('tier 2'));
    t.equal(isSideBySide, columns >= 80, columns >= 80 ? 'side by side' : 'one under the other');
  }
});
