/**
 * Local ports that run out, by a real kernel: in a network whose range is ten of them. What the client and the operator are told,
 * that everything else goes on, and that it is over when some are free again.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import t, { type Test } from 'tap';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { ownNetwork } from '../fixtures/network.ts';
import { type Origin, rawOrigin, tcpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(120_000);

const PORTS = 10;
const EXHAUSTED =
  /^HTTP\/1\.1 503 Out of local ports \(t1?\)\r\n(.+\r\n)*Proxy-Status: t1?;(next-hop=[^;]+;)?error=connection_limit_reached;details="ports_exhausted"/;

/** A client, by a port that is not of those, and would be taken from them. */
let clientPort = 50_000;
async function connect(t: Test, { port }: WeirProcess): Promise<RawClient> {
  clientPort += 1;
  const options = { port, host: '127.0.0.1', localAddress: '127.0.2.1', localPort: clientPort };
  const socket = net.connect({ ...options, allowHalfOpen: true });
  await once(socket, 'connect');
  return owned(t, RawClient.over(socket));
}

async function headOf(t: Test, weir: WeirProcess, target: string): Promise<string> {
  return await (await connect(t, weir)).tunnel(target);
}

/** Opens tunnels to `target` until there is no port for more; the last head. */
async function useUp(t: Test, weir: WeirProcess, target: string): Promise<string> {
  for (let open = 0; ; open += 1) {
    const head = await headOf(t, weir, target);
    if (head.startsWith('HTTP/1.1 200 ')) continue;
    t.equal(open, PORTS, 'so many were open');
    return head;
  }
}

const failures = (weir: WeirProcess, method = 'CONNECT'): Promise<number> =>
  metric(
    weir,
    `weir_requests_total{listener="main",method="${method}",outcome="failed",reason="ports_exhausted"}`,
  );

/** A port of `address`, without waiting for late packets as after an ordinary end. */
function freeOne({ sockets }: Origin, address: string): void {
  [...sockets].find(({ remoteAddress }) => remoteAddress === address)?.resetAndDestroy();
}

interface Stage {
  /** Accepts all, and is silent. */
  readonly full: Origin;
  /** The same, at another address and the same port. */
  readonly other: Origin;
  /** Goes direct. */
  readonly weir: WeirProcess;
  /** The same, from an address of its own. */
  readonly from: WeirProcess;
  /** Goes through a peer. */
  readonly first: WeirProcess;
}

/** All that listens is there before ports are few. */
async function openStage(): Promise<Stage> {
  const full = owned(t, await tcpOrigin(() => {}));
  const other = owned(t, await rawOrigin('127.0.0.2', full.port));
  const yes = (socket: net.Socket) => socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  const peer = owned(t, await tcpOrigin(yes));
  const hosts =
    '{ origin.example: 127.0.0.1, two.example: [127.0.0.1, 127.0.0.2], other.example: 127.0.0.2 }';
  const start = (keys: Readonly<Record<string, string>>): Promise<WeirProcess> =>
    startWeir(t, yamlOf({ dns: `{ hostsFile: none, servers: [127.0.0.1:9], hosts: ${hosts} }`, ...keys }));
  const stage = {
    full,
    other,
    weir: await start({}),
    from: await start({ routes: '[{ name: out, direct: true, sourceAddress: 127.0.0.9 }]' }),
    first: await start({
      name: 't1',
      peers: `{ p: { address: "127.0.0.1:${peer.port}" } }`,
      routes: '[{ name: out, peers: [p] }]',
    }),
  };
  writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', `40000 ${40_000 + PORTS - 1}`);
  return stage;
}

function outOfPorts({ full, other, weir }: Stage): void {
  t.test('ports run out: told, counted, and nobody else is harmed', async (t) => {
    const target = `origin.example:${full.port}`;
    t.match(await useUp(t, weir, target), EXHAUSTED);
    t.match(await weir.record(({ reason }) => reason === 'ports_exhausted'), {
      outcome: 'failed',
      status: 503,
      detail: /^Cannot connect to 127\.0\.0\.1 port \d+: EADDRNOTAVAIL$/,
    });
    t.equal(await failures(weir), 1);
    t.match(
      await headOf(t, weir, `other.example:${other.port}`),
      /^HTTP\/1\.1 200 /,
      'other targets are reached',
    );
    const plain = await connect(t, weir);
    plain.send(`GET http://${target}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    t.match(await plain.head(), EXHAUSTED);
    t.match(await plain.rest(), /give this proxy more local ports or addresses/, 'which says what to do');
    t.equal(await failures(weir, 'GET'), 1);
    freeOne(full, '127.0.0.1');
    await eventually(
      async () => (await headOf(t, weir, target)).startsWith('HTTP/1.1 200 '),
      'the port that is free to be used',
    );
    t.match(await headOf(t, weir, target), EXHAUSTED, 'it was one');
    t.match(
      await headOf(t, weir, `two.example:${full.port}`),
      /^HTTP\/1\.1 200 /,
      'another address is as good',
    );
  });
}

function outOfPortsToPeer({ other, first }: Stage): void {
  t.test('ports to a peer run out, which is no fault of the peer', async (t) => {
    t.match(await useUp(t, first, `origin.example:${other.port}`), EXHAUSTED);
    t.equal(await failures(first), 1);
    t.equal(await metric(first, 'weir_peer_up{peer="p"}'), 1);
    t.equal(await metric(first, 'weir_peer_failures_total{peer="p",error="ports_exhausted"}'), 0);
  });
}

function outOfPortsOfSource({ full, from }: Stage): void {
  t.test('ports of a sourceAddress run out', async (t) => {
    const target = `origin.example:${full.port}`;
    t.match(await useUp(t, from, target), EXHAUSTED);
    t.match(await from.record(({ reason }) => reason === 'ports_exhausted'), {
      detail: /^Cannot connect from 127\.0\.0\.9 to 127\.0\.0\.1 port \d+: EADDRINUSE$/,
    });
    freeOne(full, '127.0.0.9');
    // Who asks needs a port as well.
    await eventually(async () => (await failures(from).catch(() => 0)) === 1, 'the failure to be counted');
    await eventually(
      async () => (await headOf(t, from, target)).startsWith('HTTP/1.1 200 '),
      'the port that is free to be used',
    );
  });
}

const network = await ownNetwork(t, import.meta.filename);
if (network !== undefined) {
  const stage = await openStage();
  outOfPorts(stage);
  outOfPortsToPeer(stage);
  outOfPortsOfSource(stage);
}
