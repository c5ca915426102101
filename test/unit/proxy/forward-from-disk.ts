import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import type { BodyOnDisk, BodyPieces } from '#cache/body-on-disk.ts';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import { Wheel } from '#net/wheel.ts';
import type { ClientExchange } from '#proxy/client-exchange.ts';
import { serveStored } from '#proxy/forward-from-disk.ts';
import type { Phase, Transaction } from '#proxy/transaction.ts';
import { fresh } from '../../fixtures/cache-disk.ts';
import { FakeClock } from '../../fixtures/wheel-clock.ts';

const IDLE_MS = 60_000;
const NEVER = new Promise<never>(() => {});

/** An answer of two pieces from a disk, each of whose calls comes to what the test says. */
function stage(opening: Promise<BodyPieces | undefined>, assertedIp?: string) {
  const clock = new FakeClock();
  const wheel = new Wheel({ clock });
  const written: (string | number)[] = [];
  const disk = {
    maxWaitMs: 1_000,
    slow: 0,
    noteSlow() {
      disk.slow += 1;
    },
  };
  const tx = {
    method: 'GET',
    assertedIp,
    clientAddress: { family: 4, text: '192.0.2.1' },
    context: { hop: 't', tools: { wheel }, drain: { isClosing: false }, cache: { backed: { disk } } },
    generation: { config: { timeouts: { idle: IDLE_MS } } },
    deadline: wheel.deadline({ onDeadline: () => tx.phase?.onDeadline(tx as unknown as Transaction) }),
    phase: undefined as Phase | undefined,
    abort: new Abort(),
    elapsedMs: () => 0,
  };
  const response = {
    writeHead: (status: number) => void written.push(status),
    write: (bytes: Buffer) => written.push(bytes.toString()) > 0,
    end: () => void written.push('end'),
    writableFinished: true,
  };
  const exchange = { tx, request: { rawHeaders: [] }, response } as unknown as ClientExchange;
  const clients: string[] = [];
  const open = (client: string): Promise<BodyPieces | undefined> => {
    clients.push(client);
    return opening;
  };
  const openToCopy = (): Promise<undefined> => Promise.resolve(undefined);
  const body: BodyOnDisk = { length: 4, checksums: Buffer.alloc(4), open, openToCopy };
  const serving = serveStored(exchange, { ...fresh(), body }, { result: 'hit' });
  return { clock, wheel, tx, disk, clients, written, serving };
}

/** Gives each piece when it is there. */
function piecesOf(...given: readonly Promise<string>[]) {
  const pieces = {
    isClosed: false,
    async *read() {
      for (const piece of given) yield Buffer.from(await piece);
    },
    async [Symbol.asyncDispose]() {
      pieces.isClosed = true;
    },
  };
  return pieces;
}

t.test('a disk that hangs is waited for no longer than the transaction may take', async (t) => {
  const opening = Promise.withResolvers<BodyPieces | undefined>();
  const { tx, serving, wheel } = stage(opening.promise);
  const gone = new ProxyError('client_gone');
  tx.abort.abort(gone);
  await t.rejects(serving, gone);
  const pieces = piecesOf();
  opening.resolve(pieces);
  await turn();
  t.ok(pieces.isClosed, 'what is open too late is closed');
  t.equal(wheel.size, 0);
});

t.test('nor longer than a second until its answer begins: it is as if nothing were kept', async (t) => {
  const opening = Promise.withResolvers<BodyPieces | undefined>();
  const hung = stage(opening.promise);
  hung.clock.advance(1_100);
  t.equal(await hung.serving, false);
  const late = piecesOf();
  opening.resolve(late);
  await turn();
  t.ok(late.isClosed);

  const pieces = piecesOf(NEVER);
  const silent = stage(Promise.resolve(pieces));
  await turn();
  silent.clock.advance(1_100);
  t.equal(await silent.serving, false);
  t.ok(pieces.isClosed);
  t.same([hung.written, silent.written], [[], []], 'and the client has heard nothing');
  t.same([hung.disk.slow, silent.disk.slow], [1, 1]);
});

t.test('an answer whose rest does not come is broken off after timeouts.idle', async (t) => {
  const whole = piecesOf(Promise.resolve('ab'), Promise.resolve('cd'));
  const served = stage(Promise.resolve(whole));
  t.equal(await served.serving, true);
  t.same(served.written, [200, 'ab', 'cd', 'end']);
  t.same([whole.isClosed, served.wheel.size, served.disk.slow], [true, 0, 0]);

  const half = piecesOf(Promise.resolve('ab'), NEVER);
  const hung = stage(Promise.resolve(half));
  await turn();
  hung.clock.advance(IDLE_MS - 1_000);
  t.equal(hung.tx.abort.reason, undefined);
  hung.clock.advance(1_100);
  const broken = new ProxyError('internal_error', {
    detail: 'The rest of what is kept does not come from disk',
  });
  await t.rejects(hung.serving, broken);
  t.same(hung.written, [200, 'ab']);
  t.same([half.isClosed, hung.disk.slow], [true, 1], 'which counts once, however long it took');
});

t.test('a place is for the client, whichever hop of ours it comes through', async (t) => {
  const nothing = Promise.resolve(undefined);
  for (const [assertedIp, client] of [
    [undefined, '192.0.2.1'],
    ['198.51.100.7', '198.51.100.7'],
  ] as const) {
    const { clients, serving } = stage(nothing, assertedIp);
    t.equal(await serving, false);
    t.same(clients, [client]);
  }
});
