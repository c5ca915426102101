import t from 'tap';
import { BufferPool } from '#net/buffers.ts';
import { Ledger } from '#net/ledger.ts';
import { Leg } from '#net/leg.ts';
import { type Metered, MeteredRelay } from '#net/metered-relay.ts';

/** A leg without a connection: the test says what is read, and whether writes are taken. */
class FakeLeg extends Leg {
  readonly destroyed = false;
  readonly writableEnded = false;
  readonly pendingBytes = 0;
  readonly received = 0;
  readonly sent = 0;
  readonly remote = undefined;
  isTaking = true;
  written = '';
  resumed = 0;

  constructor() {
    super(new BufferPool(), new Ledger().upstream);
  }

  write(bytes: Buffer): boolean {
    this.written += bytes.toString();
    return this.isTaking;
  }

  /** @returns false where it is to pause */
  reads(text: string): boolean {
    const bytes = Buffer.from(text);
    return this.take(bytes.length, bytes);
  }

  drains(): void {
    this.tellDrain();
  }

  resume(): void {
    this.resumed += 1;
  }

  writeText = (text: string): boolean => this.write(Buffer.from(text));
  end = (): void => {};
  destroy = (): void => {};
  destroySoon = (): void => {};
  reset = (): void => {};
  keepAlive = (): void => {};
}

/** A relay that has begun, with a meter that the test turns. */
function started() {
  const [client, upstream] = [new FakeLeg(), new FakeLeg()];
  const meter = {
    isOpen: true,
    counted: [] as number[],
    waiting: [] as Metered[],
    count(bytes: number, waiter: Metered): boolean {
      this.counted.push(bytes);
      if (!this.isOpen) this.waiting.push(waiter);
      return this.isOpen;
    },
  };
  const relay = new MeteredRelay({ client, upstream }, { onHalfClose: () => {}, onDone: () => {} }, meter);
  relay.start();
  client.resumed = 0;
  upstream.resumed = 0;
  return { relay, client, upstream, meter };
}

t.test('MeteredRelay counts what passes, both ways', async (t) => {
  const { relay, client, upstream, meter } = started();
  t.ok(client.reads('question'));
  t.ok(upstream.reads('answer!'));
  t.same(meter.counted, [8, 7]);
  t.same([upstream.written, client.written], ['question', 'answer!']);
  t.same([relay.bytesFromClient, relay.bytesToClient], [8, 7]);
});

t.test('MeteredRelay waits for a leg that takes nothing more, as any relay', async (t) => {
  const { client, upstream } = started();
  upstream.isTaking = false;
  t.notOk(client.reads('a'));
  upstream.drains();
  t.equal(client.resumed, 1);
});

for (const side of ['client', 'upstream'] as const) {
  const otherSide = side === 'client' ? 'upstream' : 'client';

  t.test(`MeteredRelay does not read the ${side} until the meter says so`, async (t) => {
    const { meter, ...legs } = started();
    const [from, to] = [legs[side], legs[otherSide]];
    meter.isOpen = false;
    t.notOk(from.reads('a'), 'paused');
    t.equal(to.written, 'a', 'what was read is passed on');
    to.drains();
    t.equal(from.resumed, 0, 'whatever the other leg says');
    meter.waiting[0]?.onPaid();
    t.equal(from.resumed, 1);
    t.equal(to.resumed, 0);
  });

  t.test(`MeteredRelay reads the ${side} again when the other leg has taken all as well`, async (t) => {
    const { meter, ...legs } = started();
    const [from, to] = [legs[side], legs[otherSide]];
    meter.isOpen = false;
    to.isTaking = false;
    t.notOk(from.reads('a'));
    meter.waiting[0]?.onPaid();
    t.equal(from.resumed, 0, 'the write is still pending');
    to.drains();
    t.equal(from.resumed, 1);
    t.notOk(from.reads('b'));
    to.drains();
    t.equal(from.resumed, 1, 'the meter is not satisfied');
    meter.waiting[1]?.onPaid();
    t.equal(from.resumed, 2);
  });
}
