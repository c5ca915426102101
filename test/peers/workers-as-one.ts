/** One real supervisor with two real workers, which must look like one proxy: to who configures, to who asks, and to peers. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { loadConfig } from '#config/load.ts';
import { RawClient } from '../fixtures/client.ts';
import { tcpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { isRefused, say, Traffic } from '../fixtures/traffic.ts';
import { metric, startWeir, startWeirBy, weir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { MANY, RELOADED, reload, startWorkers, statusesOf, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const DENY_ALL = { access: '[{ name: nobody, deny: [all] }]' };

const traffic = await Traffic.to(t);

const REFUSED = 'Cannot reload the configuration, the old one serves on';

t.test('a reload is taken over by all workers', async (t) => {
  const weir = await startWorkers(t);
  const tunnel = await traffic.openTunnel(t, weir);
  const { policy } = await reload(weir, DENY_ALL, RELOADED);
  t.same(await statusesOf(traffic, weir), [403]);
  const { rulesHash } = await loadConfig(weir.configFile ?? '');
  const info = `weir_policy_info{hash="${policy}",rules="${rulesHash}"}`;
  t.equal(await metric(weir, info), 1, 'they all tell its hashes');
  const reloads = (): number => weir.log.filter(({ msg }) => msg === RELOADED).length;
  await eventually(
    async () => (await metric(weir, 'weir_reloads_total{result="success"}')) === reloads(),
    'it to count once, not once for each worker',
  );
  await say(tunnel, 'as before');
  const port = await closedPort();
  const added = `[{ name: main, address: 127.0.0.1:0 }, { name: more, address: "127.0.0.1:${port}" }]`;
  await reload(weir, { listeners: added }, RELOADED);
  t.same(await statusesOf(traffic, { port }), [200], 'all accept on a new listener');
  t.same(await statusesOf(traffic, weir), [200]);
  await reload(weir, {}, RELOADED);
  t.ok(await isRefused(port), 'and none on one that is gone');
  const [victim = 0] = workersOf(weir);
  process.kill(victim, 'SIGKILL');
  await reload(weir, DENY_ALL, RELOADED);
  await weir.logged('Worker serves');
  t.same(await statusesOf(traffic, weir), [403], 'a worker that starts meanwhile has it as well');
});

// Attacks: good-configuration.
t.test('a reload that cannot be leaves all workers as they were', async (t) => {
  const weir = await startWorkers(t);
  const free = await closedPort();
  const main = '{ name: main, address: 127.0.0.1:0 }';
  const bad: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'a mistake': { ...DENY_ALL, colour: 'red' },
    'another number of workers': { ...DENY_ALL, workers: '3' },
    'a port that is taken': {
      ...DENY_ALL,
      listeners: `[${main}, { name: a, address: "127.0.0.1:${free}" }, { name: b, address: "127.0.0.1:${traffic.echoPort}" }]`,
    },
  };
  for (const [what, keys] of Object.entries(bad)) {
    await reload(weir, keys, REFUSED);
    t.same(await statusesOf(traffic, weir), [200], what);
  }
  t.ok(await isRefused(free), 'nothing that could be bound stays open');
});

t.test('a peer that is down for one worker is down for all', async (t) => {
  const attemptsMs: number[] = [];
  const broken = owned(
    t,
    await tcpOrigin((socket) => {
      attemptsMs.push(performance.now());
      socket.once('data', () => socket.resetAndDestroy());
    }),
  );
  const second = await startWeir(t, yamlOf());
  const weir = await startWorkers(t, {
    peers: `{ p0: { address: "127.0.0.1:${broken.port}" }, p1: { address: "127.0.0.1:${second.port}" } }`,
    routes: '[{ name: out, peers: [p0, p1] }]',
  });
  /** The back-off is half a second, and a busy machine may be too slow to look into it: then the next one counts. */
  const isLeftAlone = async (): Promise<boolean> => {
    await traffic.openTunnel(t, weir);
    const foundMs = attemptsMs.at(-1) ?? 0;
    t.equal(await metric(weir, 'weir_peer_up{peer="p0"}'), 0, 'one has found it down');
    const before = attemptsMs.length;
    await traffic.openTunnels(t, weir, 20);
    if (performance.now() - foundMs > 450) return false;
    t.equal(attemptsMs.length, before, 'nobody tries it');
    return true;
  };
  await eventually(isLeftAlone, 'a back-off to be long enough');
  t.ok((await metric(weir, 'weir_peer_failures_total{peer="p0",error="peer_terminated"}')) >= 1);
});

t.test('a worker that does not answer holds up no scrape, and its last values stand', async (t) => {
  const weir = await startWorkers(t);
  const [, second = 0] = workersOf(weir);
  t.same(await statusesOf(traffic, weir), [200]);
  const requests = 'weir_requests_total{listener="main",method="GET",outcome="completed",reason="none"}';
  t.equal(await metric(weir, requests), MANY);
  process.kill(second, 'SIGSTOP');
  try {
    t.equal(await metric(weir, requests), MANY);
  } finally {
    process.kill(second, 'SIGCONT');
  }
});

// Attacks: no-loop.
t.test('nobody gets to the admin address through any worker', async (t) => {
  const weir = await startWorkers(t);
  const ask = async (): Promise<string> => {
    await using client = await RawClient.connect(weir.port);
    return (await client.tunnel(`127.0.0.1:${weir.adminPort}`)).split(' ')[1] ?? '';
  };
  t.same(new Set(await Promise.all(Array.from({ length: 20 }, ask))), new Set(['403']));
});

// Attacks: no-loop.
t.test('a request that comes back to another worker is a loop', async (t) => {
  const port = await closedPort();
  // By a detour: by an address or a name of its own it would not be dialled.
  await using detour = await tcpOrigin((socket) => {
    const back = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    back.on('error', () => socket.destroy());
    socket.pipe(back).pipe(socket);
  });
  const weir = await startWorkers(t, {
    listeners: `[{ name: main, address: "127.0.0.1:${port}" }]`,
    peers: `{ round: { address: "127.0.0.1:${detour.port}" } }`,
    routes: '[{ name: round, peers: [round] }]',
  });
  const ask = async (): Promise<string> => {
    await using client = await RawClient.connect(port);
    return (await client.tunnel('origin.example:443')).split(' ')[1] ?? '';
  };
  const requests = 20;
  t.same(new Set(await Promise.all(Array.from({ length: requests }, ask))), new Set(['502']));
  const reasons = (await weir.ended(2 * requests)).map(({ reason }) => reason);
  t.equal(reasons.length, 2 * requests, 'each went round once');
  t.equal(reasons.filter((reason) => reason === 'loop_detected').length, requests);
});

t.test('a peer whose name leads here is asked by no worker, nor looked at by the supervisor', async (t) => {
  const port = await closedPort();
  const weir = await startWorkers(t, {
    listeners: `[{ name: main, address: "0.0.0.0:${port}" }]`,
    peers: `{ self: { address: "self.example:${port}", hop: true, health: { interval: 1s } } }`,
    dns: '{ hosts: { self.example: 127.0.0.1 }, hostsFile: none, servers: ["127.0.0.1:9"] }',
    routes: '[{ name: round, peers: [self] }]',
    acls: '{ near: { src: [127.0.0.0/8] } }',
    access: '[{ name: near, allow: [near] }]',
    hop: '{ trust: { from: [near] } }',
  });
  await eventually(
    async () => (await metric(weir, 'weir_peer_failures_total{peer="self",error="peer_is_self"}')) > 0,
    'the supervisor to find it at fault',
  );
  const ask = async (): Promise<string> => {
    await using client = await RawClient.connect(port);
    return (await client.tunnel('origin.example:443')).split('\r\n')[0] ?? '';
  };
  const answers = await Promise.all(Array.from({ length: 10 }, ask));
  t.same([...new Set(answers)], ['HTTP/1.1 502 Peer leads back to this proxy (t)']);
  const reasons = (await weir.ended(10)).map(({ reason }) => reason);
  t.same(reasons, Array(10).fill('peer_is_self'), 'none went round');
});

t.test('USR2 has every worker open its access log anew', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'access.log');
  const weir = await startWorkers(t, { log: `{ access: { path: ${path} } }` });
  await statusesOf(traffic, weir);
  await eventually(() => linesOf(path) === MANY, 'every line to be written');
  renameSync(path, `${path}.1`);
  weir.signal('SIGUSR2');
  await weir.logged('Log files reopened');
  await statusesOf(traffic, weir);
  weir.signal('SIGTERM');
  t.same(await weir.exited, { code: 0, signal: null });
  t.same([linesOf(`${path}.1`), linesOf(path)], [MANY, MANY], 'each line is in the file of its time');
});

function linesOf(file: string): number {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.filter((line) => JSON.parse(line).event === 'end').length;
}

t.test('what keeps workers from serving ends the program with its code', async (t) => {
  const folder = folderOf(t);
  const cases: Readonly<
    Record<string, [keys: Readonly<Record<string, string>>, status: number, stderr: RegExp]>
  > = {
    'a taken port': [
      { listeners: `[{ name: main, address: "127.0.0.1:${traffic.echoPort}" }]` },
      69,
      /^Cannot bind listener "main": EADDRINUSE[^\n]*\n$/,
    ],
    'a taken admin port': [
      { admin: `{ address: "127.0.0.1:${traffic.echoPort}" }` },
      69,
      /^[^\n]*EADDRINUSE[^\n]*\n$/,
    ],
    'a log that cannot be opened': [
      { log: '{ access: { path: /proc/nowhere/access.log } }' },
      78,
      /^Cannot open access log "\/proc\/nowhere\/access\.log": ENOENT[^\n]*\n$/,
    ],
  };
  for (const [what, [keys, status, stderr]] of Object.entries(cases)) {
    const file = join(folder, 'weir.yaml');
    writeFileSync(file, yamlOf(keys));
    const ended = await weir('run', '-c', file, '--workers', '2');
    t.equal(ended.status, status, what);
    t.match(ended.stderr, stderr, what);
  }
});

t.test('--workers takes the place of what the file says', async (t) => {
  const file = join(folderOf(t), 'weir.yaml');
  writeFileSync(file, yamlOf({ workers: '3' }));
  const two = await startWeirBy(t, file, '--workers', '2');
  t.equal(workersOf(two).length, 2);
  writeFileSync(file, yamlOf({ workers: '4', ...DENY_ALL }));
  await two.logged(RELOADED);
  t.same(await statusesOf(traffic, two), [403], 'so a change of that is none');
  const bad = await weir('run', '--workers', '0');
  t.match(bad, { status: 64, stderr: /Workers "0" cannot be, write a number from 1 to 64, or "auto"/ });
});
