import type net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { BufferPool, LARGE_BYTES, SCRATCH_BYTES } from '#net/buffers.ts';
import { type Ending, Relay, type RelayObserver } from '#net/duplex.ts';
import { type Leg, NOBODY } from '#net/leg.ts';
import { needProc } from '../../fixtures/process-state.ts';
import { type LegKind, receive, Sockets, testBothKinds, turns, until } from '../../fixtures/sockets.ts';
import { isKeptAlive } from '../../fixtures/tcp-state.ts';

/** A relay between two legs, with the sockets at their far ends: what a client and an upstream see. */
interface Tunnel {
  readonly relay: Relay;
  readonly client: net.Socket;
  readonly upstream: net.Socket;
  readonly clientLeg: Leg;
  readonly upstreamLeg: Leg;
  readonly ending: Promise<Ending>;
  readonly counts: { halfClosed: number; done: number };
}

async function tunnelOver(sockets: Sockets, kind: LegKind, pool = new BufferPool()): Promise<Tunnel> {
  const [a, b] = [await sockets.leg(kind, pool), await sockets.leg(kind, pool)];
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const counts = { halfClosed: 0, done: 0 };
  const observer: RelayObserver = {
    onHalfClose: () => {
      counts.halfClosed += 1;
    },
    onDone: (ending) => {
      counts.done += 1;
      resolve(ending);
    },
  };
  const relay = new Relay({ client: a.leg, upstream: b.leg }, observer);
  return {
    relay,
    client: a.far,
    upstream: b.far,
    clientLeg: a.leg,
    upstreamLeg: b.leg,
    ending: promise,
    counts,
  };
}

async function started(sockets: Sockets, kind: LegKind, pool?: BufferPool): Promise<Tunnel> {
  const tunnel = await tunnelOver(sockets, kind, pool);
  tunnel.relay.start();
  return tunnel;
}

const FINISHED = { how: 'end', error: undefined };
/** More than the kernel keeps for a connection. */
const MUCH = 12 * 1024 * 1024;

/** Sends more than fits until the tunnel reads no further, because nobody reads at the other end. */
async function stall(from: net.Socket, to: Leg): Promise<void> {
  from.write(Buffer.alloc(MUCH, 7));
  await until(() => to.pendingBytes > 0);
}

testBothKinds('Relay copies both ways and counts the bytes', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { relay, client, upstream, ending } = await started(sockets, kind);
  t.equal(relay.firstByteAtMs, 0);
  const [toClient, toUpstream] = [receive(client), receive(upstream)];
  const before = performance.now();
  client.end('question');
  upstream.end('answer!');
  t.equal((await toUpstream).bytes.toString(), 'question');
  t.equal((await toClient).bytes.toString(), 'answer!');
  t.match(await ending, FINISHED);
  t.equal(relay.bytesFromClient, 8);
  t.equal(relay.bytesToClient, 7);
  t.ok(relay.firstByteAtMs >= before && relay.firstByteAtMs <= performance.now());
});

testBothKinds('Relay passes first what the legs held', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { relay, client, upstream, clientLeg, upstreamLeg } = await tunnelOver(sockets, kind);
  clientLeg.hold(Buffer.from('early '));
  upstream.write('banner ');
  await until(() => upstreamLeg.bytesRead > 0);
  const [toClient, toUpstream] = [receive(client), receive(upstream)];
  client.write('then ');
  await until(() => clientLeg.bytesRead > 0);
  relay.start();
  client.end('late');
  upstream.end('rest');
  t.equal((await toUpstream).bytes.toString(), 'early then late');
  t.equal((await toClient).bytes.toString(), 'banner rest');
});

const SIDES = [
  ['client', 'upstream'],
  ['upstream', 'client'],
] as const;

for (const [one, other] of SIDES) {
  testBothKinds(`Relay passes the FIN of the ${one} on, and goes on the other way`, async (t, kind) => {
    await using sockets = await Sockets.open();
    const tunnel = await started(sockets, kind);
    const [toOne, toOther] = [receive(tunnel[one]), receive(tunnel[other])];
    tunnel[one].end('all I have');
    t.same(await toOther, { bytes: Buffer.from('all I have'), ending: 'end' });
    t.same(tunnel.counts, { halfClosed: 1, done: 0 });
    tunnel[other].write('still ');
    await turns();
    tunnel[other].end('talking');
    t.same(await toOne, { bytes: Buffer.from('still talking'), ending: 'end' });
    t.same(await tunnel.ending, { by: one, ...FINISHED });
    t.same(tunnel.counts, { halfClosed: 1, done: 1 });
    t.ok(tunnel.clientLeg.closed && tunnel.upstreamLeg.closed);
  });

  testBothKinds(`Relay passes a reset by the ${one} on as a reset`, async (t, kind) => {
    await using sockets = await Sockets.open();
    const tunnel = await started(sockets, kind);
    const toOther = receive(tunnel[other]);
    tunnel[one].resetAndDestroy();
    t.equal((await toOther).ending, 'ECONNRESET');
    t.match(await tunnel.ending, { by: one, how: 'reset', error: { code: 'ECONNRESET' } });
    t.same(tunnel.counts, { halfClosed: 0, done: 1 });
  });

  testBothKinds(
    `Relay passes a reset by the ${one} on after a half-close by the ${other}`,
    async (t, kind) => {
      await using sockets = await Sockets.open();
      const tunnel = await started(sockets, kind);
      const toOne = receive(tunnel[one]);
      tunnel[other].end();
      t.equal((await toOne).ending, 'end');
      tunnel[one].resetAndDestroy();
      t.match(await tunnel.ending, { by: one, how: 'reset' });
      t.ok(tunnel.clientLeg.closed && tunnel.upstreamLeg.closed);
    },
  );

  testBothKinds(`Relay does not wait for a stalled ${other} when the ${one} resets`, async (t, kind) => {
    await using sockets = await Sockets.open();
    const pool = new BufferPool();
    const tunnel = await started(sockets, kind, pool);
    const to = one === 'client' ? tunnel.upstreamLeg : tunnel.clientLeg;
    tunnel[other].pause();
    await stall(tunnel[one], to);
    // Paused for want of a reader, the near end learns of the reset from a write of its own.
    tunnel[one].resetAndDestroy();
    tunnel[other].write('more');
    t.match(await tunnel.ending, { by: one, how: 'reset' });
    t.equal(pool.lent, 0);
  });
}

testBothKinds('Relay pauses the sender while the other side does not read', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const { client, upstream, clientLeg, upstreamLeg, ending, relay } = await started(sockets, kind, pool);
  client.pause();
  await stall(upstream, clientLeg);
  await turns();
  const read = upstreamLeg.bytesRead;
  await turns();
  t.equal(upstreamLeg.bytesRead, read, 'nothing more is read');
  t.ok(read < MUCH);
  t.ok(upstream.writableLength > 0, 'the sender has to wait');
  t.ok(clientLeg.pendingBytes > 0);
  t.ok(clientLeg.pendingBytes <= LARGE_BYTES, 'one read at most is in memory');
  const toClient = receive(client);
  upstream.end();
  const { bytes } = await toClient;
  t.equal(bytes.length, MUCH);
  t.equal(relay.bytesToClient, MUCH);
  client.end();
  t.match(await ending, { by: 'upstream', ...FINISHED });
  t.equal(pool.lent, 0);
});

testBothKinds('Relay whose sides have both ended still delivers to a slow reader', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { client, upstream, clientLeg, ending, counts } = await started(sockets, kind);
  client.pause();
  client.end();
  const toUpstream = receive(upstream);
  t.equal((await toUpstream).ending, 'end');
  await stall(upstream, clientLeg);
  upstream.end();
  await turns();
  t.equal(counts.done, 0);
  t.equal((await receive(client)).bytes.length, MUCH);
  t.same(await ending, { by: 'client', ...FINISHED });
});

testBothKinds('Relay lends large buffers to who fills them, within the limit', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool(1);
  const [first, second] = [await started(sockets, kind, pool), await started(sockets, kind, pool)];
  const received = [receive(first.client), receive(second.client)];
  first.upstream.write(Buffer.alloc(MUCH, 1));
  await until(() => first.upstreamLeg.bytesRead > SCRATCH_BYTES * 4);
  second.upstream.end(Buffer.alloc(MUCH, 2));
  first.upstream.end();
  const [ones, twos] = await Promise.all(received);
  t.ok(ones?.bytes.equals(Buffer.alloc(MUCH, 1)));
  t.ok(twos?.bytes.equals(Buffer.alloc(MUCH, 2)));
  t.ok(pool.lent <= 1);
  for (const { client } of [first, second]) client.end();
  await Promise.all([first.ending, second.ending]);
  t.equal(pool.lent, 0);
});

testBothKinds('Relays that share the scratch buffer never mix up their bytes', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool(0);
  const [first, second] = [await started(sockets, kind, pool), await started(sockets, kind, pool)];
  first.client.pause();
  await stall(first.upstream, first.clientLeg);
  const toSecond = receive(second.client);
  second.upstream.end(Buffer.alloc(MUCH, 8));
  t.ok((await toSecond).bytes.equals(Buffer.alloc(MUCH, 8)));
  first.upstream.end();
  t.ok(
    (await receive(first.client)).bytes.equals(Buffer.alloc(MUCH, 7)),
    'though a write was pending meanwhile',
  );
  for (const { client } of [first, second]) client.end();
  await Promise.all([first.ending, second.ending]);
});

testBothKinds('Relay gives no buffer back that a write still holds', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const { client, upstream, clientLeg, upstreamLeg, ending } = await started(sockets, kind, pool);
  client.pause();
  await stall(upstream, clientLeg);
  t.ok(upstreamLeg.ownsBuffer);
  upstreamLeg.destroy();
  await until(() => upstreamLeg.closed);
  t.equal(pool.lent, 1, 'when its leg closes');
  await ending;
  t.equal(pool.lent, 0, 'when all is over');
});

testBothKinds('Relay gives the buffer back of a write that fails at once', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const { relay, client, upstream, clientLeg, upstreamLeg, ending } = await started(sockets, kind, pool);
  client.resume();
  upstream.write(Buffer.alloc(MUCH, 7));
  await until(() => upstreamLeg.bytesRead === MUCH);
  t.ok(upstreamLeg.ownsBuffer);
  // Paused, so that it learns of the reset from the write.
  clientLeg.attach(NOBODY);
  client.write('pauses it');
  await until(() => clientLeg.heldBytes > 0);
  clientLeg.attach(relay);
  client.resetAndDestroy();
  await turns();
  upstream.write('into the void');
  t.match(await ending, { by: 'client', how: 'reset', error: { syscall: 'write' } });
  t.equal(pool.lent, 0);
});

testBothKinds('cut() resets both sides at once, even one that does not read', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const { relay, client, upstream, clientLeg, ending, counts } = await started(sockets, kind, pool);
  client.pause();
  await stall(upstream, clientLeg);
  const toUpstream = receive(upstream);
  relay.cut();
  relay.cut();
  t.same(await ending, { by: 'proxy', how: 'cut', error: undefined });
  t.equal((await toUpstream).ending, 'ECONNRESET');
  t.equal(counts.done, 1);
  t.equal(pool.lent, 0);
});

testBothKinds('cut() of a relay that is ending changes nothing about how it ended', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { relay, client, upstream, upstreamLeg, ending } = await started(sockets, kind);
  client.resume();
  upstream.resume();
  client.resetAndDestroy();
  await until(() => upstreamLeg.destroyed);
  relay.cut();
  t.match(await ending, { by: 'client', how: 'reset' });
});

testBothKinds('Relay takes no notice of what comes after it was cut', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { relay, clientLeg, upstreamLeg, counts, ending } = await started(sockets, kind);
  relay.cut();
  t.notOk(relay.onChunk(clientLeg, Buffer.from('late')));
  relay.onEnd(upstreamLeg);
  await ending;
  t.equal(relay.bytesFromClient, 0);
  t.same(counts, { halfClosed: 0, done: 1 });
});

testBothKinds('Relay whose other side is being closed ignores an end', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { relay, clientLeg, upstreamLeg, counts, ending } = await started(sockets, kind);
  upstreamLeg.destroy();
  relay.onEnd(clientLeg);
  t.match(await ending, { by: 'upstream', how: 'reset', error: undefined });
  t.same(counts, { halfClosed: 0, done: 1 });
});

testBothKinds('Relay that finds a leg closed resets the other', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { relay, client, upstream, clientLeg, ending } = await tunnelOver(sockets, kind);
  client.resetAndDestroy();
  clientLeg.resume();
  await until(() => clientLeg.closed);
  const toUpstream = receive(upstream);
  relay.start();
  t.equal((await toUpstream).ending, 'ECONNRESET');
  t.match(await ending, { by: 'client', how: 'reset' });
});

testBothKinds('Relay that finds a leg closed in good order lets the other finish', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { relay, client, upstream, clientLeg, upstreamLeg, ending, counts } = await tunnelOver(sockets, kind);
  client.pause();
  clientLeg.write(Buffer.alloc(MUCH));
  for (const socket of [client, upstream]) socket.end();
  await until(() => clientLeg.ended && upstreamLeg.ended);
  upstreamLeg.destroy();
  await until(() => upstreamLeg.closed);
  relay.start();
  await turns();
  t.equal(counts.done, 0);
  const { bytes, ending: how } = await receive(client);
  t.equal(bytes.length, MUCH);
  t.equal(how, 'end');
  t.match(await ending, FINISHED);
});

testBothKinds('Relay that finds both legs closed is done once', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { relay, client, upstream, clientLeg, upstreamLeg, ending, counts } = await tunnelOver(sockets, kind);
  for (const socket of [client, upstream]) socket.end();
  await until(() => clientLeg.ended && upstreamLeg.ended);
  for (const leg of [clientLeg, upstreamLeg]) leg.destroy();
  await until(() => clientLeg.closed && upstreamLeg.closed);
  relay.start();
  t.same(await ending, { by: 'client', ...FINISHED });
  await turns();
  t.same(counts, { halfClosed: 0, done: 1 });
});

/** Reads one chunk a turn of the event loop at most. */
function readSlowly(socket: net.Socket): void {
  socket.on('data', () => {
    socket.pause();
    void setImmediate().then(() => socket.resume());
  });
}

testBothKinds(
  'Bytes arrive intact in both directions, whatever their chunks and however slow the reader',
  async (t, kind) => {
    const chunks = fc.array(fc.oneof(fc.nat(2_000), fc.nat(LARGE_BYTES * 2)), { maxLength: 8 });
    await using sockets = await Sockets.open();
    const pool = new BufferPool(1);
    await fc.assert(
      fc.asyncProperty(chunks, chunks, fc.boolean(), async (up, down, isSlow) => {
        const { client, upstream, ending } = await started(sockets, kind, pool);
        const received = [receive(upstream), receive(client)];
        if (isSlow) for (const socket of [client, upstream]) readSlowly(socket);
        const sent = [up, down].map((sizes, seed) =>
          sizes.map((size, i) => Buffer.alloc(size, i * 16 + seed)),
        );
        for (const chunk of sent[0] ?? []) client.write(chunk);
        client.end();
        for (const chunk of sent[1] ?? []) {
          upstream.write(chunk);
          await setImmediate();
        }
        upstream.end();
        const got = await Promise.all(received);
        await ending;
        return got.every(
          ({ bytes, ending }, i) => ending === 'end' && bytes.equals(Buffer.concat(sent[i] ?? [])),
        );
      }),
      { seed: 20_261_129, numRuns: 20 },
    );
    t.equal(pool.lent, 0);
  },
);

testBothKinds(
  'Relay has the kernel ask silent sides whether they are there, once it is told to',
  async (t, kind) => {
    if (!needProc(t)) return;
    await using sockets = await Sockets.open();
    const { relay, client, upstream, ending } = await tunnelOver(sockets, kind);
    relay.start();
    const ends = [client, upstream];
    t.same(ends.map(isKeptAlive), [false, false]);
    relay.keepAlive(60_000);
    t.same(ends.map(isKeptAlive), [true, true]);
    client.resetAndDestroy();
    t.match(await ending, { how: 'reset' });
  },
);
