/**
 * Much of everything, through both tiers as real processes: a gigabyte each way with the memory of both watched, two thousand
 * tunnels at once with their files counted, and every way for a tunnel to end.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type net from 'node:net';
import t, { type Test } from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { tcpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { needProc, openFiles, residentBytes } from '../fixtures/process-state.ts';
import { openTunnel } from '../fixtures/proxied-socket.ts';
import { assertSameTransactions, finish, type Pair, pairOf, startTiers } from '../fixtures/tiers.ts';
import { eventually } from '../fixtures/within.ts';

// Twenty seconds on an idle machine of two cores, and machines that test are seldom idle.
t.setTimeout(120_000);

const GIGABYTE = 2 ** 30;
const BLOCK = 2 ** 20;
const MEGABYTE = 2 ** 20;
const MAX_GROWTH = 64 * MEGABYTE;
const TUNNELS = 2000;

/** Sends {@link GIGABYTE} of bytes of which no two blocks are alike. @returns their digest */
async function sendAll(socket: net.Socket): Promise<string> {
  const [hash, block] = [createHash('sha256'), randomBytes(BLOCK)];
  for (let sent = 0; sent < GIGABYTE; sent += BLOCK) {
    block.writeUInt32BE(sent / BLOCK, 0);
    hash.update(block);
    // Only its callback tells that the block is free again; 'drain' follows no write that was done at once.
    await new Promise((resolve) => socket.write(block, resolve));
  }
  return hash.digest('hex');
}

/** Reads to the end. @returns the digest of what was read */
async function receiveAll(socket: net.Socket): Promise<string> {
  const hash = createHash('sha256');
  socket.on('data', (chunk: Buffer) => hash.update(chunk));
  await once(socket, 'end');
  return hash.digest('hex');
}

/** What the origin does with a connection, by the first byte that it is sent. */
const PLAYS: Readonly<Record<string, (socket: net.Socket) => void>> = {
  d: (socket) => void sendAll(socket).then((digest) => downloads.push(digest) && socket.end()),
  u: (socket) =>
    void untilStuck(uploader).then(() => receiveAll(socket).then((digest) => socket.end(digest))),
  e: (socket) => void socket.pipe(socket),
  f: (socket) => socket.end('that is all'),
  r: (socket) => socket.resetAndDestroy(),
  w: () => {},
};
const downloads: string[] = [];
/** The client's end of the upload. */
let uploader: net.Socket;
/** Sockets of the origin, in the order of their first bytes. */
const origins: net.Socket[] = [];

const origin = owned(
  t,
  await tcpOrigin((socket) => {
    socket.once('readable', () => {
      const play = String(socket.read(1));
      origins.push(socket);
      PLAYS[play]?.(socket);
    });
  }),
);
const chain = await startTiers(t, { tlsPort: origin.port, hosts: ['login.microsoft.com'] });
const target = `login.microsoft.com:${origin.port}`;
const tiers = [chain.t1, chain.t2];

/** Waits until nobody takes any more of what `sender` sends. */
async function untilStuck(sender: net.Socket): Promise<void> {
  let [seen, times] = [0, 0];
  await eventually(() => {
    times = sender.bytesWritten === seen && seen > 0 ? times + 1 : 0;
    seen = sender.bytesWritten;
    return times >= 50;
  }, 'the sender to be stuck');
}

/** The most that each tier's memory grew while `work` was done, in bytes. */
async function growthDuring(work: () => Promise<void>): Promise<readonly number[]> {
  const resident = (): number[] => tiers.map(({ pid }) => residentBytes(pid));
  const before = resident();
  let most = before;
  const sample = (): void => {
    most = resident().map((bytes, tier) => Math.max(bytes, most[tier] ?? 0));
  };
  const sampling = setInterval(sample, 20);
  try {
    await work();
    sample();
  } finally {
    clearInterval(sampling);
  }
  return most.map((bytes, tier) => bytes - (before[tier] ?? 0));
}

function assertGrowth(t: Test, growth: readonly number[]): void {
  growth.forEach((bytes, tier) => {
    t.ok(bytes < MAX_GROWTH, `t${tier + 1} grew by ${(bytes / MEGABYTE).toFixed(1)} MB, less than 64`);
  });
}

/** Both tiers' record of the tunnel that carried so many bytes. */
const carried = (field: 'bytes_to_client' | 'bytes_from_client', bytes: number): Promise<Pair> =>
  pairOf(chain, (line) => line[field] === bytes);

/** What waits in the kernel on three connections, and a reader that starts late must not make it more. */
const assertHeldBack = (t: Test, sender: net.Socket): void => {
  const sent = sender.bytesWritten / MEGABYTE;
  t.ok(sent < 64, `while nobody reads the sender gets rid of no more than ${sent.toFixed(1)} MB`);
};

t.test('one gigabyte down', async (t) => {
  if (!needProc(t)) return;
  const growth = await growthDuring(async () => {
    const socket = await openTunnel(chain.t1.port, target);
    socket.write('d');
    await eventually(() => origins.length > 0, 'the origin to send');
    const sender = origins[0] as net.Socket;
    await untilStuck(sender);
    assertHeldBack(t, sender);
    const digest = await receiveAll(socket);
    socket.end();
    t.equal(digest, downloads[0], 'every byte as it was sent');
  });
  assertGrowth(t, growth);
  const { t1, t2 } = await carried('bytes_to_client', GIGABYTE);
  t.match(t1, { outcome: 'completed', bytes_from_client: 1, closed_by: 'upstream' }, 'tier 1 says so');
  t.match(t2, { outcome: 'completed', bytes_from_client: 1, closed_by: 'upstream' }, 'tier 2 says so');
});

t.test('one gigabyte up', async (t) => {
  if (!needProc(t)) return;
  const growth = await growthDuring(async () => {
    const socket = await openTunnel(chain.t1.port, target);
    uploader = socket;
    socket.write('u');
    const sending = sendAll(socket);
    await untilStuck(socket);
    assertHeldBack(t, socket);
    const digest = await sending;
    socket.end();
    t.equal(String(await once(socket, 'data')), digest, 'every byte as it was sent, and an answer behind');
    await once(socket, 'end');
  });
  assertGrowth(t, growth);
  const { t1, t2 } = await carried('bytes_from_client', GIGABYTE + 1);
  t.match(t1, { outcome: 'completed', bytes_to_client: 64, closed_by: 'client' }, 'tier 1 says so');
  t.match(t2, { outcome: 'completed', bytes_to_client: 64, closed_by: 'client' }, 'tier 2 says so');
});

t.test('a client that ends first still gets the rest', async (t) => {
  await using client = await RawClient.connect(chain.t1.port);
  await client.tunnel(target);
  client.send('e and the rest');
  client.socket.end();
  t.equal(await client.rest(), ' and the rest', 'the bytes that came after');
  t.equal(client.ending, 'end', 'and then the end');
  const { t1, t2 } = await carried('bytes_from_client', 14);
  t.match(t1, { outcome: 'completed', closed_by: 'client' }, 'tier 1 says so');
  t.match(t2, { outcome: 'completed', closed_by: 'client' }, 'tier 2 says so');
});

t.test('an origin that ends first still gets the rest', async (t) => {
  await using client = await RawClient.connect(chain.t1.port);
  await client.tunnel(target);
  client.send('f');
  t.equal(await client.rest(), 'that is all', 'the client has all');
  client.socket.end('and that was all');
  const socket = origins.at(-1) as net.Socket;
  t.equal(String(await once(socket, 'data')), 'and that was all', 'and the origin too');
  await once(socket, 'end');
  const { t1, t2 } = await carried('bytes_from_client', 17);
  t.match(t1, { outcome: 'completed', closed_by: 'upstream' }, 'tier 1 says so');
  t.match(t2, { outcome: 'completed', closed_by: 'upstream' }, 'tier 2 says so');
});

t.test('a reset by the origin reaches the client as one', async (t) => {
  await using client = await RawClient.connect(chain.t1.port);
  await client.tunnel(target);
  client.send('r reset me');
  await client.rest();
  t.equal(client.ending, 'ECONNRESET', 'not as an end');
  const { t1, t2 } = await carried('bytes_from_client', 10);
  const broken = { outcome: 'failed', reason: 'connection_terminated', closed_by: 'upstream' };
  t.match(t1, broken, 'tier 1 says so');
  t.match(t2, broken, 'tier 2 says so');
});

t.test('a reset by the client reaches the origin as one', async (t) => {
  await using client = await RawClient.connect(chain.t1.port);
  await client.tunnel(target);
  const known = origins.length;
  client.send('wait for it');
  await eventually(() => origins.length > known, 'the origin to have it');
  const socket = origins.at(-1) as net.Socket;
  client.socket.resetAndDestroy();
  const [error] = await once(socket, 'error');
  t.match(error, { code: 'ECONNRESET' }, 'not as an end');
  const { t1, t2 } = await carried('bytes_from_client', 11);
  t.match(t1, { outcome: 'client_gone', closed_by: 'client' }, 'tier 1 says so');
  t.match(t2, { outcome: 'client_gone', closed_by: 'client' }, 'tier 2 says so');
});

/** Opens one tunnel, and proves that it carries `text` both ways. */
async function openEcho(text: string): Promise<net.Socket> {
  const socket = await openTunnel(chain.t1.port, target);
  socket.write('e');
  await exchange(socket, text);
  return socket;
}

async function exchange(socket: net.Socket, text: string): Promise<void> {
  socket.write(text);
  let received = '';
  while (received.length < text.length) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) await once(socket, 'readable');
    else received += chunk;
  }
  if (received !== text) throw new Error(`Sent ${text}, received ${received}`);
}

async function close(socket: net.Socket): Promise<void> {
  const ended = once(socket, 'end');
  socket.resume();
  socket.end();
  await ended;
}

t.test(`${TUNNELS} tunnels at once`, async (t) => {
  if (!needProc(t)) return;
  const first = 'so that what is opened once is open';
  await close(await openEcho(first));
  // The record is written when the sockets are closed; those of earlier tunnels were waited for as well.
  await carried('bytes_from_client', first.length + 1);
  const files = (): number[] => tiers.map(({ pid }) => openFiles(pid));
  const before = files();
  const sockets = await Promise.all(
    Array.from({ length: TUNNELS }, (_, index) => openEcho(`number ${index}`)),
  );
  t.ok(
    files().every((count) => count >= 2 * TUNNELS),
    'they are all open at both tiers',
  );
  await Promise.all(sockets.map((socket, index) => exchange(socket, `${index}, for the second time`)));
  t.pass('each of them carries its own bytes both ways');
  await Promise.all(sockets.map(close));
  const isAsBefore = (): boolean => files().every((count, tier) => count <= (before[tier] ?? 0));
  await eventually(isAsBefore, 'all files to be closed');
  t.same(files(), before, 'both tiers have as many files open as before');
});

// Attacks: recorded-once.
t.test('every transaction was recorded once at each tier', async (t) => {
  await finish(t, chain);
  assertSameTransactions(t, chain);
  for (const { records } of tiers) {
    const completed = records.filter(({ event, outcome }) => event === 'end' && outcome === 'completed');
    t.equal(completed.length, TUNNELS + 5, 'all of them completed but for two resets');
  }
});
