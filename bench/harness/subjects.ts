/**
 * What can be measured: ways from the load generator to the origin. Each starts its own processes, says where to connect and
 * whose processor time counts. A further proxy is one more entry here.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../load/job.ts';
import { Program } from './program.ts';

/** A way that is ready to be used. */
export interface Way extends AsyncDisposable {
  /** Absent where nothing lies between. */
  readonly via?: Address;
  /** The process whose time is measured. */
  readonly pid?: number;
}

export interface Subject {
  readonly name: string;
  start(): Promise<Way>;
}

const HOST = '127.0.0.1';
const ROOT = join(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 10_000;

const direct: Subject = {
  name: 'direct',
  start: async () => ({ [Symbol.asyncDispose]: async () => {} }),
};

const relay: Subject = {
  name: 'relay',
  start: async () => {
    const [program, port] = await Program.fork<number>(join(import.meta.dirname, '../load/relay.ts'));
    return {
      via: { host: HOST, port },
      pid: program.pid,
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    };
  },
};

const weir: Subject = {
  name: 'weir',
  start: async () => {
    await using owned = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
    owned.defer(() => rmSync(folder, { recursive: true }));
    const [port, adminPort] = [await freePort(), await freePort()];
    writeFileSync(join(folder, 'weir.yaml'), configuration(port, adminPort));
    const command = join(ROOT, 'bin/weir');
    const program = owned.use(await Program.spawn(command, ['run', '-c', join(folder, 'weir.yaml')]));
    await untilReachable(port, program);
    const kept = owned.move();
    return { via: { host: HOST, port }, pid: program.pid, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  },
};

export const SUBJECTS: readonly Subject[] = [direct, relay, weir];

/** A policy of the usual kind, with the access log on. */
function configuration(port: number, adminPort: number): string {
  return `
name: bench
listeners: [{ name: main, address: "${HOST}:${port}" }]
admin: { address: "${HOST}:${adminPort}" }
acls:
  here:       { src: [127.0.0.0/8] }
  safe_ports: { ports: [80, 443, 1025-65535] }
access:
  - { name: unsafe-port, deny: ["!safe_ports"] }
  - { name: bench, allow: [here] }
routes: [{ name: out, direct: true }]
guard: { allow: [127.0.0.0/8] }
log: { access: { path: access.log }, level: warn }
`;
}

/** A port that was free a moment ago; the kernel hands out another one to each caller. */
async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = net.createServer().listen(0, HOST, () => {
    const { port } = server.address() as net.AddressInfo;
    server.close(() => resolve(port));
  });
  return await promise;
}

async function isReachable(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = net.connect(port, HOST);
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  const reached = await promise;
  socket.destroy();
  return reached;
}

/** @throws when `program` ends or the port stays closed */
async function untilReachable(port: number, program: Program): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isReachable(port))) {
    if (program.hasEnded) throw new Error('Cannot start the proxy: it ended');
    if (performance.now() > deadline) throw new Error('Cannot start the proxy: it does not listen');
    await sleep(20);
  }
}
