/**
 * One generation of Weir hands over to the next, as by `systemctl restart` with a socket unit: the test holds the socket and the runtime
 * directory, has the first main process end, and starts the second. Meanwhile clients connect, one after the other without a pause.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { verifyFiles } from '#audit/verify-files.ts';
import { SharedSocket } from '#net/shared-socket.ts';
import { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { end, say, Traffic } from '../fixtures/traffic.ts';
import { keep, metric } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { isGone, workersOf } from '../fixtures/workers.ts';

t.setTimeout(300_000);

const traffic = await Traffic.to(t);

interface Stage {
  readonly socket: SharedSocket;
  readonly folder: string;
  readonly start: () => Promise<WeirProcess>;
}

function stageFor(t: Test, keys: Readonly<Record<string, string>> = {}): Stage {
  const socket = new SharedSocket({ host: '127.0.0.1', port: 0 });
  const folder = t.testdir({ 'weir.yaml': '' });
  // The path of a Unix socket is short.
  const RUNTIME_DIRECTORY = mkdtempSync(join(tmpdir(), 'weir-ho-'));
  chmodSync(RUNTIME_DIRECTORY, 0o700);
  t.teardown(() => {
    socket.close();
    rmSync(RUNTIME_DIRECTORY, { recursive: true });
  });
  return { socket, folder, start };

  async function start(): Promise<WeirProcess> {
    const listeners = '[{ name: main, address: "systemd:weir" }]';
    const file = join(folder, 'weir.yaml');
    writeFileSync(file, yamlOf({ openProxy: 'true', listeners, ...keys }));
    return keep(t, await WeirProcess.startWith(socket.handle.fd, file, { RUNTIME_DIRECTORY }));
  }
}

/** Clients that come until they are told to stop. */
function clientsOf(port: number) {
  const statuses: number[] = [];
  let isOver = false;
  const come = async (): Promise<void> => {
    while (!isOver) statuses.push(await traffic.statusOf({ port }).catch(() => 0));
  };
  const done = Promise.all([come(), come(), come()]);
  return {
    statuses,
    async stop(): Promise<void> {
      isOver = true;
      await done;
    },
  };
}

/** One under a limit of two tunnels. */
async function limited(t: Test, { port }: { readonly port: number }): Promise<[number, RawClient]> {
  const client = owned(t, await RawClient.connect(port, { from: '127.0.1.3' }));
  const head = await client.tunnel(`origin.example:${traffic.echoPort}`);
  return [Number(head.split(' ')[1]), client];
}

/** A start takes long where the machine is busy. */
const PATIENT = '{ establish: 30s }';

const LIMITED = {
  acls: '{ few: { src: [127.0.1.3] } }',
  limits: '{ two: { per: source, tunnels: 2 } }',
  access: '[{ name: few, allow: [few], limit: two }, { name: everything, allow: [all] }]',
};

/** Ids of what was permitted, each as often as it is on the trail. */
function permitted(path: string): string[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"verdict":"allow"'));
  return lines.map((line) => JSON.parse(line).transaction_id);
}

for (const workers of ['1', '2']) {
  t.test(
    `with workers: ${workers} no client is refused, no tunnel is cut, and the host counts on`,
    async (t) => {
      const path = join(t.testdir(), 'audit.log');
      const log = `{ audit: { path: ${path}, strict: true } }`;
      const stage = stageFor(t, { workers, ...LIMITED, timeouts: PATIENT, log });
      const { socket, start } = stage;
      const first = await start();
      const [, tunnel] = await limited(t, first);
      const clients = clientsOf(socket.address.port);
      await first.ended(20);
      const old = workersOf(first);
      first.signal('SIGTERM');
      t.same(await first.gone, [0, null], 'the main process ends');
      await say(tunnel, 'while nobody accepts');
      const second = await start();
      await second.ended(20);
      await second.logged('A worker of an earlier start has come back, it finishes what it has');
      await say(tunnel, 'while the next one serves');
      await clients.stop();
      t.ok(clients.statuses.length >= 40);
      t.same([...new Set(clients.statuses)], [200], 'each got its answer');
      t.notOk(old.every(isGone), 'who has the tunnel is still there');

      // A worker that is busy tells a scrape only what it had told before.
      await eventually(
        async () => (await metric(second, 'weir_tunnels_open{listener="main"}')) === 1,
        'the scrape to count the tunnel',
      );
      const get = 'weir_requests_total{listener="main",method="GET",outcome="completed",reason="none"}';
      await eventually(
        async () => (await metric(second, get)) === clients.statuses.length,
        'counters to go on',
      );
      t.equal((await limited(t, second))[0], 200);
      t.equal((await limited(t, second))[0], 429, 'the limit counts it as well');
      await end(tunnel);
      await second.record(({ event, bytes_to_client: bytes }) => event === 'end' && bytes === 45);
      await first.exited;
      await eventually(() => old.every(isGone), 'them to end with it');
      await eventually(async () => (await limited(t, second))[0] === 200, 'its place to be free');

      second.signal('SIGTERM');
      await second.gone;
      t.match(await verifyFiles([path]), { finding: undefined, first: 1, gaps: [] });
      const ids = permitted(path);
      t.equal(new Set(ids).size, ids.length, 'nothing is on the trail twice');
      t.ok(ids.length >= clients.statuses.length + 3, 'and nothing is missing');
    },
  );
}

t.test('a supervisor that is killed is followed by one that takes its workers over', async (t) => {
  const path = join(t.testdir(), 'audit.log');
  const { start } = stageFor(t, { ...LIMITED, log: `{ audit: { path: ${path}, strict: true } }` });
  const first = await start();
  const [, tunnel] = await limited(t, first);
  first.signal('SIGKILL');
  await first.gone;
  const second = await start();
  await second.logged('A worker of an earlier start has come back, it finishes what it has');
  await say(tunnel, 'through it');
  t.equal((await limited(t, second))[0], 200);
  t.equal((await limited(t, second))[0], 429);
  await end(tunnel);
  await first.exited;
  t.match(await verifyFiles([path]), { finding: undefined, first: 1, gaps: [] });
});

t.test('a worker outlives a second restart, and is ended by a second signal', async (t) => {
  const { start } = stageFor(t);
  const first = await start();
  const tunnel = await traffic.openTunnel(t, first);
  const [left = 0] = workersOf(first);
  let main = first;
  for (const _ of ['once', 'twice']) {
    main.signal('SIGTERM');
    await main.gone;
    main = await start();
    await main.logged('A worker of an earlier start has come back, it finishes what it has');
    await say(tunnel, 'still there');
  }
  process.kill(left, 'SIGTERM');
  await tunnel.rest().catch(() => {});
  await eventually(() => isGone(left), 'the worker to end');
});

t.test('the old generation gives up after timeouts.drain', async (t) => {
  // Lines for a standard output that is gone would be waited for.
  const path = join(t.testdir(), 'access.log');
  const { start } = stageFor(t, { timeouts: '{ drain: 1s }', log: `{ access: { path: ${path} } }` });
  const first = await start();
  const tunnel = await traffic.openTunnel(t, first);
  first.signal('SIGTERM');
  await first.gone;
  await tunnel.rest().catch(() => {});
  await eventually(() => workersOf(first).every(isGone), 'them to end');
});
