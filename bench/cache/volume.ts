/**
 * Many times more distinct objects than a cache holds (`npm run cache:volume`): 10 GB through 256 MiB of memory and 1 GiB of disk, by one
 * process and by four workers. Samples the resident memory of all processes and what the folder takes, and fails where either is more
 * than it may be. Origin and clients are in this process, which is not counted.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { residentBytesOf } from '../harness/proc.ts';

const MIB = 2 ** 20;
const MEMORY_BYTES = 256 * MIB;
const DISK_BYTES = 1024 * MIB;
/** What a process may take beside its part of `cache.memory`: Node with Weir's code, what is under way, 16 MiB that wait to be written, and what the collector has yet to free. */
const PROCESS_BYTES = 320 * MIB;
const SIZES = [64_000, 128_000, 256_000, 512_000, 1_000_000];
const CLIENTS = 16;
/** Each so many requests one is for what was asked for this many requests ago: memory has it no more, and the disk has. */
const AGAIN_EACH = 10;
const AGO = 1200;
const SAMPLE_MS = 250;

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '10' },
    workers: { type: 'string', default: '1,4' },
    folder: { type: 'string', default: os.tmpdir() },
  },
});
const total = Number(values.gigabytes) * 1e9;
const counts = values.workers.split(',').map(Number);
if (!(total > 0) || !counts.every((count) => Number.isInteger(count) && count > 0))
  throw new Error('Say how much, and with how many workers, such as --gigabytes 10 --workers 1,4');

const bytes = Buffer.alloc(Math.max(...SIZES), 'weir ');
const sizeOf = (index: number): number => SIZES[index % SIZES.length] as number;

const origin = http.createServer((request, response) => {
  const size = sizeOf(Number(request.url?.slice(1)));
  response.writeHead(200, { 'Cache-Control': 'max-age=3600', 'Content-Length': size });
  response.end(bytes.subarray(0, size));
});
origin.listen(0, '127.0.0.1');
await once(origin, 'listening');
const { port: originPort } = origin.address() as AddressInfo;

interface Seen {
  residentBytes: number;
  diskBytes: number;
}

/** What the files and folders below take, in blocks. */
function takenBy(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const blocks = statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0;
    return sum + blocks * 512;
  }, 0);
}

/** Asks for one object, and whether it came from the cache. @throws where it is not whole */
async function ask(agent: http.Agent, port: number, index: number): Promise<boolean> {
  const path = `http://127.0.0.1:${originPort}/${index}`;
  const request = http.get({ host: '127.0.0.1', port, path, agent });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let received = 0;
  response.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await once(response, 'end');
  if (response.statusCode !== 200 || received !== sizeOf(index))
    throw new Error(`Object ${index} came with status ${response.statusCode} and ${received} bytes`);
  return String(response.headers['cache-status']).includes(';hit');
}

async function send(port: number): Promise<{ readonly again: number; readonly hits: number }> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
  const told = { again: 0, hits: 0 };
  let [next, sent] = [0, 0];
  const client = async (): Promise<void> => {
    while (sent < total) {
      const index = next;
      next += 1;
      sent += sizeOf(index);
      await ask(agent, port, index);
      if (index % AGAIN_EACH > 0 || index < AGO) continue;
      told.again += 1;
      if (await ask(agent, port, index - AGO)) told.hits += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  return told;
}

/** @returns whether both stayed within their bounds */
async function measure(workers: number): Promise<boolean> {
  const folder = mkdtempSync(join(values.folder, 'weir-volume-'));
  const disk = join(folder, 'kept');
  mkdirSync(disk);
  try {
    await using weir = await WeirProcess.start(`name: t
workers: ${workers}
listeners: [{ name: main, address: 127.0.0.1:0 }]
admin: { address: 127.0.0.1:0 }
access: [{ name: all, allow: [all], cache: true }]
routes: [{ name: out, direct: true }]
guard: { allow: [127.0.0.0/8] }
cache: { memory: ${MEMORY_BYTES / MIB}MiB, disk: { path: ${disk}, size: ${DISK_BYTES / MIB}MiB } }
log: { access: { path: ${join(folder, 'access.log')} } }
`);
    const most: Seen = { residentBytes: 0, diskBytes: 0 };
    let samples = 0;
    const sampling = setInterval(() => {
      samples += 1;
      most.residentBytes = Math.max(most.residentBytes, residentBytesOf([weir.pid]));
      if (samples % 8 === 0) most.diskBytes = Math.max(most.diskBytes, takenBy(disk));
    }, SAMPLE_MS);
    const began = performance.now();
    const { again, hits } = await send(weir.port);
    clearInterval(sampling);
    const seconds = (performance.now() - began) / 1000;
    most.diskBytes = Math.max(most.diskBytes, takenBy(disk));
    // A supervisor is a process as well.
    const mayReside = MEMORY_BYTES + PROCESS_BYTES * (workers === 1 ? 1 : workers + 1);
    const mib = (amount: number): string => `${Math.round(amount / MIB)} MiB`;
    console.log(
      `${values.gigabytes} GB in ${Math.round(seconds)} s, workers: ${workers}: resident at most ${mib(most.residentBytes)} of ${mib(mayReside)}, on disk at most ${mib(most.diskBytes)} of ${mib(DISK_BYTES)}; of ${again} asked for again ${hits} were hits`,
    );
    return most.residentBytes <= mayReside && most.diskBytes <= DISK_BYTES;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const verdicts: boolean[] = [];
for (const workers of counts) verdicts.push(await measure(workers));
origin.close();
origin.closeAllConnections();
if (verdicts.includes(false)) {
  console.log('More than it may be');
  process.exitCode = 1;
}
