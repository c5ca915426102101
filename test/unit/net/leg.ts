import type net from 'node:net';
import { BufferPool, LARGE_BYTES, SCRATCH_BYTES } from '#net/buffers.ts';
import { type Leg, NOBODY } from '#net/leg.ts';
import { Keeper } from '../../fixtures/keeper.ts';
import {
  CountedAccount,
  type LegKind,
  receive,
  Sockets,
  testBothKinds,
  turns,
  until,
} from '../../fixtures/sockets.ts';

testBothKinds(
  'Leg gives what it reads to the sink in charge, then its end and its close',
  async (t, kind) => {
    await using sockets = await Sockets.open();
    const { leg, far } = await sockets.leg(kind);
    const keeper = new Keeper();
    leg.attach(keeper);
    far.end('hello');
    await until(() => leg.ended);
    t.equal(keeper.text, 'hello');
    t.same(keeper.heard, ['end']);
    t.equal(leg.bytesRead, 5);
    t.ok(leg.ended);
    t.notOk(leg.closed);
    leg.end();
    await until(() => leg.closed);
    t.same(keeper.heard, ['end', 'close cleanly']);
    t.ok(leg.closed);
    t.equal(leg.error, undefined);
  },
);

testBothKinds('Leg in nobody’s charge holds a first chunk and reads no further', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
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

testBothKinds(
  'takeHeld() joins what was held one after the other, copied from buffers that are used again',
  async (t, kind) => {
    await using sockets = await Sockets.open();
    const { leg } = await sockets.leg(kind);
    const chunk = Buffer.from('one');
    leg.hold(chunk);
    chunk.write('two');
    leg.hold(chunk);
    t.equal(leg.takeHeld()?.toString(), 'onetwo');
  },
);

testBothKinds('takeHeld() has all that came in many small pieces', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg } = await sockets.leg(kind);
  const text = Array.from({ length: 300 }, (_, i) => `${i},`);
  for (const piece of text) leg.hold(Buffer.from(piece));
  t.equal(leg.heldBytes, text.join('').length);
  t.equal(leg.takeHeld()?.toString(), text.join(''));
});

testBothKinds(
  'attach() tells of an end or a close that has already happened, and of nothing else',
  async (t, kind) => {
    await using sockets = await Sockets.open();
    const { leg, far } = await sockets.leg(kind);
    const [first, second, third] = [new Keeper(), new Keeper(), new Keeper()];
    leg.attach(first);
    t.same(first.heard, []);
    leg.attach(NOBODY);
    far.end();
    await until(() => leg.ended);
    leg.attach(second);
    t.same(second.heard, ['end']);
    leg.attach(NOBODY);
    leg.destroy();
    await until(() => leg.closed);
    leg.attach(third);
    t.same(third.heard, ['close cleanly']);
    t.same(first.heard, []);
  },
);

testBothKinds('Leg whose far end resets is closed with the error', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
  const keeper = new Keeper();
  leg.attach(keeper);
  far.resetAndDestroy();
  await until(() => leg.closed);
  t.same(keeper.heard, ['close ECONNRESET']);
  t.match(leg.error, { code: 'ECONNRESET' });
  leg.resume();
  leg.reset();
  t.same(keeper.heard, ['close ECONNRESET'], 'nothing is left to resume or reset');
});

testBothKinds('Leg pauses where its sink says so, until it is resumed', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
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
  await until(() => leg.ended);
  t.equal(leg.bytesRead, SCRATCH_BYTES * 4);
});

testBothKinds('reset() is seen as a reset at the far end', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
  const received = receive(far);
  leg.reset();
  t.equal((await received).ending, 'ECONNRESET');
});

testBothKinds('reset() does not wait for what the far end will not read', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
  far.pause();
  leg.write(Buffer.alloc(64 * 1024 * 1024));
  leg.end();
  t.ok(leg.pendingBytes > 0);
  leg.reset();
  await until(() => leg.closed);
  t.ok(leg.closed);
});

testBothKinds('reset() closes the leg even while its FIN is being sent', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
  far.resume();
  leg.end();
  leg.reset();
  await until(() => leg.closed);
  t.ok(leg.closed);
  t.equal(leg.error, undefined);
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
async function busyLeg(sockets: Sockets, kind: LegKind, pool: BufferPool) {
  const pair = await sockets.leg(kind, pool);
  pair.leg.attach({ ...NOBODY, onChunk: () => true });
  const total = 4 * 1024 * 1024;
  pair.far.write(Buffer.alloc(total, 1));
  await until(() => pair.leg.bytesRead === total);
  return pair;
}

testBothKinds('Leg starts on the shared buffer, and small reads keep it there', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const pair = await sockets.leg(kind, pool);
  pair.leg.attach({ ...NOBODY, onChunk: (_leg, chunk) => chunk.buffer === pool.scratch.buffer });
  await sendApart(pair, [1, 1000, 1, 1]);
  t.notOk(pair.leg.ownsBuffer);
  t.equal(pool.lent, 0);
});

testBothKinds(
  'Leg that fills the shared buffer gets one of its own, and gives it back when it closes',
  async (t, kind) => {
    await using sockets = await Sockets.open();
    const pool = new BufferPool();
    const { leg } = await busyLeg(sockets, kind, pool);
    t.ok(leg.ownsBuffer);
    t.equal(pool.lent, 1);
    leg.destroy();
    await until(() => leg.closed);
    t.notOk(leg.ownsBuffer);
    t.equal(pool.lent, 0);
  },
);

testBothKinds(
  'Leg with a buffer of its own reads more at a time than the shared buffer holds',
  async (t, kind) => {
    await using sockets = await Sockets.open();
    const pair = await busyLeg(sockets, kind, new BufferPool());
    const largest: number[] = [0];
    pair.leg.attach({ ...NOBODY, onChunk: (_leg, chunk) => largest.push(chunk.length) > 0 });
    // Written to the kernel in one piece before the leg reads again, but for what it takes at once.
    await sendApart(
      pair,
      Array.from({ length: 8 }, () => LARGE_BYTES),
    );
    t.ok(Math.max(...largest) > SCRATCH_BYTES, `largest read: ${Math.max(...largest)}`);
  },
);

testBothKinds('Leg that turns quiet gives its buffer back', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const pair = await busyLeg(sockets, kind, pool);
  await sendApart(
    pair,
    Array.from({ length: 40 }, () => 10),
  );
  t.notOk(pair.leg.ownsBuffer);
  t.equal(pool.lent, 0);
  await sendApart(pair, [10]);
  t.notOk(pair.leg.ownsBuffer);
});

testBothKinds('Leg tells whoever wants to know that a write that had to wait is done', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
  const much = Buffer.alloc(16 * 1024 * 1024);
  const drained: Leg[] = [];
  const onDrain = (one: Leg): void => void drained.push(one);
  for (const sink of [NOBODY, { ...NOBODY, onDrain }]) {
    leg.attach(sink);
    t.notOk(leg.write(much));
    far.resume();
    await until(() => leg.pendingBytes === 0);
    far.pause();
  }
  await until(() => drained.length === 1);
  t.equal(leg.sent, 2 * much.length);
});

testBothKinds('quieten() gives the buffer back with the read that it is called in', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const pair = await busyLeg(sockets, kind, pool);
  const quieten = (leg: Leg): boolean => {
    leg.quieten();
    return true;
  };
  pair.leg.attach({ ...NOBODY, onChunk: quieten });
  await sendApart(pair, [10]);
  await until(() => pool.lent === 0);
  t.notOk(pair.leg.ownsBuffer);
});

testBothKinds('Leg stays on the shared buffer while none is left, and gets one later', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool(1);
  const first = await busyLeg(sockets, kind, pool);
  const second = await busyLeg(sockets, kind, pool);
  t.ok(first.leg.ownsBuffer);
  t.notOk(second.leg.ownsBuffer);
  t.equal(pool.lent, 1);
  first.leg.destroy();
  await until(() => first.leg.closed);
  const total = second.leg.bytesRead + 4 * 1024 * 1024;
  second.far.write(Buffer.alloc(4 * 1024 * 1024));
  await until(() => second.leg.bytesRead === total);
  t.ok(second.leg.ownsBuffer);
});

testBothKinds(
  'Leg has a buffer of its own at once where it asks for one, if one is left',
  async (t, kind) => {
    await using sockets = await Sockets.open();
    const pool = new BufferPool(1);
    const first = await busyLeg(sockets, kind, pool);
    const second = await busyLeg(sockets, kind, pool);
    const grow = ({ leg }: { leg: Leg }) => (leg as unknown as { grow(): Buffer | undefined }).grow();
    t.equal(grow(first)?.length, LARGE_BYTES);
    t.equal(pool.lent, 1, 'the one that it has');
    t.equal(grow(second), undefined);
    first.leg.destroy();
    await until(() => first.leg.closed);
    t.equal(grow(second)?.length, LARGE_BYTES);
    t.ok(second.leg.ownsBuffer);
  },
);

testBothKinds('Leg does not give its buffer back while a write holds it', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const pair = await busyLeg(sockets, kind, pool);
  pair.leg.lentToWrite = true;
  await sendApart(
    pair,
    Array.from({ length: 40 }, () => 10),
  );
  t.equal(pool.lent, 1, 'not when it turns quiet');
  pair.leg.destroy();
  await until(() => pair.leg.closed);
  t.equal(pool.lent, 1, 'nor when it closes');
  pair.leg.lentToWrite = false;
  t.equal(pool.lent, 0, 'but when the write is done');
  pair.leg.lentToWrite = false;
  t.equal(pool.lent, 0, 'once');
});

testBothKinds('Leg that has ended its side writes no more, and goes on reading', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
  const keeper = new Keeper();
  leg.attach(keeper);
  const received = receive(far);
  leg.writeText('last');
  leg.end();
  t.notOk(leg.write(Buffer.from('late')));
  leg.writeText('later');
  leg.end();
  t.same(await received, { bytes: Buffer.from('last'), ending: 'end' });
  t.notOk(leg.destroyed);
  far.end('answer');
  await until(() => leg.closed);
  t.equal(keeper.text, 'answer');
  t.same(keeper.heard, ['end', 'close cleanly']);
  t.equal(leg.sent, 4);
});

testBothKinds('Leg that is closed ignores whatever it is told', async (t, kind) => {
  await using sockets = await Sockets.open();
  const account = new CountedAccount();
  const { leg } = await sockets.leg(kind, new BufferPool(), account);
  const keeper = new Keeper();
  leg.attach(keeper);
  leg.destroy();
  for (let round = 0; round < 2; round += 1) {
    t.notOk(leg.write(Buffer.from('late')));
    leg.writeText('later');
    leg.end();
    leg.destroy();
    leg.destroySoon();
    leg.reset();
    leg.resume();
    leg.keepAlive(1_000);
    t.notOk(leg.isWritable);
    t.equal(leg.remote, undefined);
    t.equal(leg.pendingBytes, 0);
    await until(() => leg.closed);
    await turns();
  }
  t.same(keeper.heard, ['close cleanly']);
  t.equal(leg.sent, 0);
  t.equal(account.closed, 1);
});

testBothKinds('destroySoon() delivers what is pending, and takes nothing more', async (t, kind) => {
  await using sockets = await Sockets.open();
  const account = new CountedAccount();
  const { leg, far } = await sockets.leg(kind, new BufferPool(), account);
  const [late, total] = [Buffer.from('late'), 12 * 1024 * 1024];
  leg.attach({ ...NOBODY, onDrain: () => t.notOk(leg.write(late)) });
  far.pause();
  t.notOk(leg.write(Buffer.alloc(total)));
  leg.destroySoon();
  t.notOk(leg.isWritable);
  leg.destroySoon();
  await turns();
  t.notOk(leg.closed);
  const { bytes, ending } = await receive(far);
  t.equal(bytes.length, total);
  t.equal(ending, 'end');
  await until(() => leg.closed);
  t.notOk(leg.ended, 'without waiting for the far end');
  t.equal(account.closed, 1);
});

testBothKinds('destroySoon() of a leg that ends already closes it when the FIN is sent', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
  far.pause();
  leg.write(Buffer.alloc(12 * 1024 * 1024));
  leg.end();
  leg.destroySoon();
  t.equal((await receive(far)).bytes.length, 12 * 1024 * 1024);
  await until(() => leg.closed);
  t.equal(leg.error, undefined);
});

testBothKinds('destroySoon() without anything pending closes in good order', async (t, kind) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg(kind);
  const received = receive(far);
  leg.destroySoon();
  await until(() => leg.closed);
  t.equal((await received).ending, 'end');
});

testBothKinds(
  'Leg tells of a drain before its close, also where what was pending is lost',
  async (t, kind) => {
    await using sockets = await Sockets.open();
    const { leg, far } = await sockets.leg(kind);
    const keeper = new Keeper();
    leg.attach(keeper);
    far.pause();
    t.notOk(leg.write(Buffer.alloc(12 * 1024 * 1024)));
    t.notOk(leg.write(Buffer.alloc(1)));
    leg.reset();
    await until(() => leg.closed);
    t.same(keeper.heard, ['drain', 'close cleanly']);
    t.equal(leg.pendingBytes, 0);
  },
);

testBothKinds('Leg that is paused learns of a reset from a write', async (t, kind) => {
  await using sockets = await Sockets.open();
  const account = new CountedAccount();
  const { leg, far } = await sockets.leg(kind, new BufferPool(), account);
  far.write('pauses it');
  await until(() => leg.heldBytes > 0);
  far.resetAndDestroy();
  await turns();
  t.notOk(leg.destroyed);
  leg.write(Buffer.from('too late'));
  await until(() => leg.closed);
  t.match(leg.error, { syscall: 'write', code: /^(EPIPE|ECONNRESET)$/ });
  t.equal(account.closed, 1);
});

testBothKinds('Leg may be closed or reset by its sink amid a chunk', async (t, kind) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  for (const way of ['destroy', 'reset'] as const) {
    const { leg, far } = await sockets.leg(kind, pool);
    let chunks = 0;
    // The second large read in a row is the one that earns a buffer.
    leg.attach({
      ...NOBODY,
      onChunk: () => {
        chunks += 1;
        if (chunks === 2) leg[way]();
        return true;
      },
    });
    far.write(Buffer.alloc(SCRATCH_BYTES * 8));
    await until(() => leg.closed);
    t.equal(chunks, 2, 'it reads no more');
    t.equal(pool.lent, 0);
  }
});
