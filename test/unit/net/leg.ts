import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import { BufferPool, LARGE_BYTES, SCRATCH_BYTES } from '#net/buffers.ts';
import { Leg, NOBODY, type Sink } from '#net/leg.ts';
import { closed, receive, Sockets, turns, until } from '../../fixtures/sockets.ts';

/** Keeps what a leg reads; pauses it after each chunk where `pauses`. */
class Keeper implements Sink {
  readonly chunks: Buffer[] = [];
  readonly heard: string[] = [];
  pauses = false;

  onChunk(_leg: Leg, chunk: Buffer): boolean {
    this.chunks.push(Buffer.from(chunk));
    return !this.pauses;
  }

  onEnd(): void {
    this.heard.push('end');
  }

  onClose(_leg: Leg, error: NodeJS.ErrnoException | undefined): void {
    this.heard.push(`close ${error?.code ?? 'cleanly'}`);
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

t.test('Leg gives what it reads to the sink in charge, then its end and its close', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  const keeper = new Keeper();
  leg.attach(keeper);
  far.end('hello');
  await once(leg.socket, 'end');
  t.equal(keeper.text, 'hello');
  t.same(keeper.heard, ['end']);
  t.equal(leg.bytesRead, 5);
  t.ok(leg.ended);
  t.notOk(leg.closed);
  leg.socket.end();
  await closed(leg.socket);
  t.same(keeper.heard, ['end', 'close cleanly']);
  t.ok(leg.closed);
  t.equal(leg.error, undefined);
});

t.test('Leg in nobody’s charge holds a first chunk and reads no further', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  t.equal(leg.takeHeld(), undefined);
  far.write('first');
  await until(() => leg.bytesRead === 5);
  far.write('second');
  await turns();
  t.equal(leg.bytesRead, 5);
  t.equal(leg.heldBytes, 5);
  t.equal(leg.takeHeld()?.toString(), 'first');
  t.equal(leg.heldBytes, 0);
  t.equal(leg.takeHeld(), undefined, 'it is the caller’s now');
  const keeper = new Keeper();
  leg.attach(keeper);
  leg.resume();
  await until(() => keeper.text === 'second');
  t.pass('it reads on once it is resumed');
});

t.test(
  'takeHeld() joins what was held one after the other, copied from buffers that are used again',
  async (t) => {
    await using sockets = await Sockets.open();
    const { leg } = await sockets.leg();
    const chunk = Buffer.from('one');
    leg.hold(chunk);
    chunk.write('two');
    leg.hold(chunk);
    t.equal(leg.takeHeld()?.toString(), 'onetwo');
  },
);

t.test('attach() tells of an end or a close that has already happened, and of nothing else', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  const [first, second, third] = [new Keeper(), new Keeper(), new Keeper()];
  leg.attach(first);
  t.same(first.heard, []);
  leg.attach(NOBODY);
  far.end();
  await once(leg.socket, 'end');
  leg.attach(second);
  t.same(second.heard, ['end']);
  leg.attach(NOBODY);
  leg.socket.destroy();
  await closed(leg.socket);
  leg.attach(third);
  t.same(third.heard, ['close cleanly']);
  t.same(first.heard, []);
});

t.test('Leg whose far end resets is closed with the error', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  const keeper = new Keeper();
  leg.attach(keeper);
  far.resetAndDestroy();
  await closed(leg.socket);
  t.same(keeper.heard, ['close ECONNRESET']);
  t.match(leg.error, { code: 'ECONNRESET' });
  leg.resume();
  leg.reset();
  t.same(keeper.heard, ['close ECONNRESET'], 'nothing is left to resume or reset');
});

t.test('Leg pauses where its sink says so, until it is resumed', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  const keeper = new Keeper();
  keeper.pauses = true;
  leg.attach(keeper);
  far.write(Buffer.alloc(SCRATCH_BYTES * 4));
  await until(() => leg.bytesRead > 0);
  const before = leg.bytesRead;
  far.end();
  await turns();
  t.equal(leg.bytesRead, before);
  t.notOk(leg.ended, 'nor does it see the end');
  keeper.pauses = false;
  leg.resume();
  await once(leg.socket, 'end');
  t.equal(leg.bytesRead, SCRATCH_BYTES * 4);
});

t.test('reset() is seen as a reset at the far end', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  const received = receive(far);
  leg.reset();
  t.equal((await received).ending, 'ECONNRESET');
});

t.test('reset() does not wait for what the far end will not read', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  far.pause();
  leg.socket.write(Buffer.alloc(64 * 1024 * 1024));
  leg.socket.end();
  t.ok(leg.socket.writableLength > 0);
  leg.reset();
  await closed(leg.socket);
  t.ok(leg.closed);
});

t.test('reset() closes the leg even while its FIN is being sent', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  far.resume();
  leg.socket.end();
  leg.reset();
  await closed(leg.socket);
  t.ok(leg.closed);
  t.equal(leg.error, undefined);
});

t.test('reset() of a leg that is not connected yet just ends the attempt', async (t) => {
  await using sockets = await Sockets.open();
  const { port } = sockets;
  const leg = new Leg(new BufferPool(), (onread) => net.connect({ host: '127.0.0.1', port, onread }));
  t.ok(leg.socket.connecting);
  leg.reset();
  await closed(leg.socket);
  t.ok(leg.closed);
});

/** Sends `sizes` one at a time, each after the one before has been read whole. */
async function sendApart(
  pair: { readonly leg: Leg; readonly far: net.Socket },
  sizes: readonly number[],
): Promise<void> {
  for (const size of sizes) {
    const expected = pair.leg.bytesRead + size;
    pair.far.write(Buffer.alloc(size, 1));
    await until(() => pair.leg.bytesRead === expected);
  }
}

/** A leg that reads and drops everything, and has earned a buffer of its own where the pool has one. */
async function busyLeg(sockets: Sockets, pool: BufferPool) {
  const pair = await sockets.leg(pool);
  pair.leg.attach({ ...NOBODY, onChunk: () => true });
  const total = 4 * 1024 * 1024;
  pair.far.write(Buffer.alloc(total, 1));
  await until(() => pair.leg.bytesRead === total);
  return pair;
}

t.test('Leg starts on the shared buffer, and small reads keep it there', async (t) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const pair = await sockets.leg(pool);
  pair.leg.attach({ ...NOBODY, onChunk: (_leg, chunk) => chunk.buffer === pool.scratch.buffer });
  await sendApart(pair, [1, 1000, 1, 1]);
  t.notOk(pair.leg.ownsBuffer);
  t.equal(pool.lent, 0);
});

t.test(
  'Leg that fills the shared buffer gets one of its own, and gives it back when it closes',
  async (t) => {
    await using sockets = await Sockets.open();
    const pool = new BufferPool();
    const { leg } = await busyLeg(sockets, pool);
    t.ok(leg.ownsBuffer);
    t.equal(pool.lent, 1);
    leg.socket.destroy();
    await closed(leg.socket);
    t.notOk(leg.ownsBuffer);
    t.equal(pool.lent, 0);
  },
);

t.test('Leg with a buffer of its own reads more at a time than the shared buffer holds', async (t) => {
  await using sockets = await Sockets.open();
  const pair = await busyLeg(sockets, new BufferPool());
  const largest: number[] = [0];
  pair.leg.attach({ ...NOBODY, onChunk: (_leg, chunk) => largest.push(chunk.length) > 0 });
  // Written to the kernel in one piece before the leg reads again, but for what it takes at once.
  await sendApart(
    pair,
    Array.from({ length: 8 }, () => LARGE_BYTES),
  );
  t.ok(Math.max(...largest) > SCRATCH_BYTES, `largest read: ${Math.max(...largest)}`);
});

t.test('Leg that turns quiet gives its buffer back', async (t) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const pair = await busyLeg(sockets, pool);
  await sendApart(
    pair,
    Array.from({ length: 40 }, () => 10),
  );
  t.notOk(pair.leg.ownsBuffer);
  t.equal(pool.lent, 0);
  await sendApart(pair, [10]);
  t.notOk(pair.leg.ownsBuffer);
});

t.test('Leg stays on the shared buffer while none is left, and gets one later', async (t) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool(1);
  const first = await busyLeg(sockets, pool);
  const second = await busyLeg(sockets, pool);
  t.ok(first.leg.ownsBuffer);
  t.notOk(second.leg.ownsBuffer);
  t.equal(pool.lent, 1);
  first.leg.socket.destroy();
  await closed(first.leg.socket);
  const total = second.leg.bytesRead + 4 * 1024 * 1024;
  second.far.write(Buffer.alloc(4 * 1024 * 1024));
  await until(() => second.leg.bytesRead === total);
  t.ok(second.leg.ownsBuffer);
});

t.test('Leg does not give its buffer back while a write holds it', async (t) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const pair = await busyLeg(sockets, pool);
  pair.leg.lentToWrite = true;
  await sendApart(
    pair,
    Array.from({ length: 40 }, () => 10),
  );
  t.equal(pool.lent, 1, 'not when it turns quiet');
  pair.leg.socket.destroy();
  await closed(pair.leg.socket);
  t.equal(pool.lent, 1, 'nor when it closes');
  pair.leg.lentToWrite = false;
  t.equal(pool.lent, 0, 'but when the write is done');
  pair.leg.lentToWrite = false;
  t.equal(pool.lent, 0, 'once');
});
