/** A side that does not read stops the other: the proxy holds little, and nothing is lost when reading goes on. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import t from 'tap';
import { LENGTHS, through } from '../fixtures/chain.ts';
import { openTestTunnel } from '../fixtures/tunnel.ts';
import { eventually } from '../fixtures/within.ts';

const BLOCK = randomBytes(1024 * 1024);
const BLOCKS = 96;
const TOTAL = BLOCK.length * BLOCKS;
/** What kernels may hold for the sockets on the way, and the proxies' own buffers; far less than what is sent. */
const HELD = 48 * 1024 * 1024;

/** SHA-256 over all blocks. */
function expected(): string {
  const hash = createHash('sha256');
  for (let i = 0; i < BLOCKS; i += 1) hash.update(BLOCK);
  return hash.digest('hex');
}

class Sender {
  /** Bytes that the socket has taken. */
  sent = 0;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends all blocks, waiting for each to be taken, and FIN. */
  async run(): Promise<void> {
    for (let i = 0; i < BLOCKS; i += 1) {
      await new Promise<void>((resolve) => this.#socket.write(BLOCK, () => resolve()));
      this.sent += BLOCK.length;
    }
    this.#socket.end();
  }

  /** Waits until no byte has been taken for a good while. */
  async stalled(): Promise<void> {
    let seen = -1;
    let sinceMs = performance.now();
    await eventually(() => {
      if (this.sent !== seen) sinceMs = performance.now();
      seen = this.sent;
      return performance.now() - sinceMs > 400;
    }, 'the sender to stall');
  }
}

/** Takes over the reading of a socket: SHA-256 of all that comes until FIN. */
async function digestOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => hash.update(chunk));
  socket.resume();
  await once(socket, 'end');
  return hash.digest('hex');
}

for (const length of LENGTHS) {
  for (const direction of ['up', 'down'] as const) {
    // Attacks: bounded.
    t.test(`a slow reader stops the sender ${direction}stream, ${through(length)}`, async (t) => {
      await using tunnel = await openTestTunnel(length);
      const { client, far, chain } = tunnel;
      const [from, to] = direction === 'up' ? [client, far] : [far, client];
      to.socket.pause();
      const before = process.memoryUsage().arrayBuffers;
      const sender = new Sender(from.socket);
      const sending = sender.run();
      await sender.stalled();
      t.ok(sender.sent < HELD, `stalled after ${sender.sent} of ${TOTAL} bytes`);
      const held = process.memoryUsage().arrayBuffers - before;
      t.ok(held < 8 * 1024 * 1024, `the process holds ${held} bytes more`);
      // The other direction is not held up by this one.
      to.send('hello');
      await from.expect('hello');
      t.equal(await digestOf(to.socket), expected());
      await sending;
      to.end();
      for (const tier of chain.tiers) {
        const [record] = await tier.ended(1);
        const [bulk, little] = [TOTAL, 5];
        t.equal(record?.outcome, 'completed');
        t.equal(record?.bytesFromClient, direction === 'up' ? bulk : little);
        t.equal(record?.bytesToClient, direction === 'up' ? little : bulk);
        t.equal(tier.proxy.context.tools.pool.lent, 0, 'every large buffer was given back');
      }
    });
  }

  t.test(`both directions at full speed at once, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    const digests = Promise.all([digestOf(client.socket), digestOf(far.socket)]);
    await Promise.all([new Sender(client.socket).run(), new Sender(far.socket).run()]);
    t.same(await digests, [expected(), expected()]);
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [{ outcome: 'completed', bytesFromClient: TOTAL, bytesToClient: TOTAL }]);
      await tier.allClosed();
      t.equal(tier.proxy.context.tools.pool.lent, 0);
    }
  });
}
