/** The audit trail of a whole process: what is on it when, that it goes on through ends of all kinds, and that its chain holds. */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { verifyFiles } from '#audit/verify-files.ts';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { auditKey } from '../fixtures/audit.ts';
import { RawClient } from '../fixtures/client.ts';
import { tcpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { startWeir, weir } from '../fixtures/weir.ts';

t.setTimeout(60_000);

const { privateKey, keys } = auditKey();

interface Line {
  readonly event: string;
  readonly seq: number;
  readonly [name: string]: unknown;
}

const linesIn = (path: string): Line[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

interface Stage {
  readonly path: string;
  readonly yaml: string;
  readonly start: () => Promise<WeirProcess>;
}

function stageOf(t: Test, more: Readonly<Record<string, string>> = {}): Stage {
  const folder = folderOf(t);
  const path = join(folder, 'audit.log');
  const keyFile = join(folder, 'audit.key');
  writeKey(keyFile);
  const yaml = yamlOf({ log: `{ audit: { path: ${path}, strict: true, keyFile: ${keyFile} } }`, ...more });
  return { path, yaml, start: () => startWeir(t, yaml) };
}

function writeKey(path: string): void {
  writeFileSync(path, privateKey, { mode: 0o600 });
}

async function stop(weir: WeirProcess): Promise<void> {
  weir.signal('SIGTERM');
  await weir.exited;
}

// Attacks: no-unrecorded.
t.test('in strict mode the record is in the file when the origin is dialled', async (t) => {
  const { path, start } = stageOf(t);
  const seen: number[] = [];
  const origin = owned(
    t,
    await tcpOrigin((socket) => {
      seen.push(linesIn(path).filter(({ verdict }) => verdict === 'allow').length);
      socket.end('hello');
    }),
  );
  const weir = await start();
  for (let count = 1; count <= 3; count += 1) {
    await using client = await RawClient.connect(weir.port);
    await client.tunnel(`origin.example:${origin.port}`);
    await client.rest();
  }
  const traffic = await Traffic.to(t);
  t.equal(await traffic.statusOf(weir), 200);
  t.same(seen, [1, 2, 3]);
  const allowed = linesIn(path).filter(({ verdict }) => verdict === 'allow');
  t.match(allowed, [
    { method: 'CONNECT', host: 'origin.example', port: origin.port },
    {},
    {},
    { method: 'GET' },
  ]);
  await stop(weir);
  t.match(await verifyFiles([path], { keys }), { finding: undefined, checkpoints: { after: 0 } });
});

t.test('refusals, reloads and the end are on the trail', async (t) => {
  const { path, start } = stageOf(t, { access: '[{ name: nobody, deny: [all] }]' });
  const weir = await start();
  const traffic = await Traffic.to(t);
  t.equal(await traffic.statusOf(weir), 403);
  weir.signal('SIGHUP');
  await weir.logged('Configuration reloaded');
  await stop(weir);
  t.match(linesIn(path), [
    { event: 'start' },
    { event: 'decision', verdict: 'deny', reason: 'rule_denied', rule: 'nobody' },
    { event: 'policy', result: 'success', trigger: 'HUP' },
    { event: 'drain', signal: 'SIGTERM' },
    { event: 'stop' },
    { event: 'checkpoint' },
  ]);
  for (const secret of privateKey.split('\n').slice(1, -2))
    t.notMatch(readFileSync(path, 'utf8') + weir.stderr, secret, 'the key is nowhere');
});

// Attacks: no-unrecorded.
t.test('the chain goes on through kill -9, half a line, a second Weir and rotation', async (t) => {
  const { path, start } = stageOf(t);
  const traffic = await Traffic.to(t);
  const first = await start();
  t.equal(await traffic.statusOf(first), 200);
  first.signal('SIGKILL');
  await first.exited;
  appendFileSync(path, '{"client_ip":"10.0.');
  const second = await start();
  t.equal(await traffic.statusOf(second), 200);
  const other = await weir('run', '-c', second.configFile as string);
  t.match(other, { status: 78, stderr: /^Cannot open audit trail ".*": another Weir is writing it/m });
  renameSync(path, `${path}.1`);
  second.signal('SIGUSR2');
  await second.logged('Log files reopened');
  t.equal(await traffic.statusOf(second), 200);
  renameSync(path, `${path}.0`);
  await stop(second);
  const third = await start();
  await stop(third);
  t.match(
    linesIn(`${path}.1`).map(({ event }) => event),
    ['start', 'decision', 'gap', 'start', 'decision'],
  );
  t.equal(linesIn(path)[0]?.event, 'start');
  const found = await verifyFiles([path, `${path}.0`, `${path}.1`], { keys });
  t.match(found, { finding: undefined, first: 1, gaps: [{ lost: 0, why: 'a line was cut off' }] });
});
