/** Client and server ends over the same pair of sockets: what one leg does, the far end's TLS socket sees. */
import { once } from 'node:events';
import type net from 'node:net';
import tls from 'node:tls';
import t from 'tap';
import { BufferPool } from '#net/buffers.ts';
import { type Leg, NOBODY } from '#net/leg.ts';
import { socketBeneath } from '#net/tcp-handle.ts';
import { TlsLeg } from '#net/tls-leg.ts';
import { Keeper } from '../../fixtures/keeper.ts';
import { receive, Sockets, until } from '../../fixtures/sockets.ts';
import { Issuer } from '../../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const { cert, key } = await issuer.issue('peer.test');
const MUCH = 12 * 1024 * 1024;
/** No two records of it are alike. */
const PATTERN = Buffer.alloc(MUCH, Buffer.from(Array.from({ length: 65_521 }, (_, i) => i % 251)));
const RECORD_BYTES = 16 * 1024;

interface Ends {
  readonly leg: TlsLeg;
  readonly keeper: Keeper;
  readonly far: tls.TLSSocket;
  readonly farBeneath: net.Socket;
}

/** A leg whose handshake is done and that reads, with the far end of it. */
async function open(sockets: Sockets, pool = new BufferPool()): Promise<Ends> {
  const { accepted: farBeneath, far: beneath } = await sockets.pair();
  const far = new tls.TLSSocket(farBeneath, {
    isServer: true,
    secureContext: tls.createSecureContext({ cert, key }),
  });
  far.on('error', () => {});
  const socket = tls.connect({ socket: beneath, ca: issuer.ca, servername: 'peer.test' });
  await once(socket, 'secureConnect');
  const [leg, keeper] = [new TlsLeg(pool, socket), new Keeper()];
  leg.attach(keeper);
  leg.resume();
  return { leg, keeper, far, farBeneath };
}

t.test('TlsLeg passes bytes and ends both ways, and counts what is within TLS', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper, far } = await open(sockets);
  const received = receive(far);
  leg.write(Buffer.from('one '));
  leg.writeText('t\xf4w');
  await until(() => leg.pendingBytes === 0);
  leg.end();
  t.notOk(leg.isWritable);
  t.strictSame(await received, { bytes: Buffer.from('one t\xf4w', 'latin1'), ending: 'end' });
  t.strictSame(
    keeper.heard.filter((heard) => heard !== 'drain'),
    [],
    'a half-close closes nothing',
  );
  far.end('three');
  await until(() => leg.closed);
  t.equal(keeper.text, 'three');
  t.strictSame(
    keeper.heard.filter((heard) => heard !== 'drain'),
    ['end', 'close cleanly'],
  );
  t.strictSame([leg.received, leg.sent, leg.bytesRead], [5, 7, 5]);
});

t.test('TlsLeg passes nothing on while it is paused', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper, far } = await open(sockets);
  keeper.pauses = true;
  far.write(Buffer.alloc(MUCH, 'abcdefg'));
  await until(() => leg.bytesRead > 0);
  const { bytesRead } = leg;
  for (let turn = 0; turn < 50; turn += 1) await until(() => true);
  t.equal(leg.bytesRead, bytesRead);
  t.ok(far.writableLength > 0, 'the far end is held back');
  keeper.pauses = false;
  leg.resume();
  await until(() => leg.bytesRead === MUCH);
  t.ok(Buffer.concat(keeper.chunks).equals(Buffer.alloc(MUCH, 'abcdefg')));
});

t.test(
  'TlsLeg passes on as one what comes together, from a buffer that it has as long as that goes on',
  async (t) => {
    await using sockets = await Sockets.open();
    const { leg, keeper, far } = await open(sockets);
    t.notOk(leg.ownsBuffer);
    far.write(PATTERN);
    await until(() => leg.bytesRead === MUCH);
    t.ok(Buffer.concat(keeper.chunks).equals(PATTERN));
    const most = Math.max(...keeper.chunks.map(({ length }) => length));
    t.ok(most > RECORD_BYTES && most < 10 * RECORD_BYTES, `${most} bytes as one`);
    t.ok(leg.ownsBuffer);
    for (let i = 1; leg.ownsBuffer; i += 1) {
      far.write('small');
      await until(() => leg.bytesRead === MUCH + i * 5);
    }
    leg.end();
    far.end('the end');
    await until(() => leg.closed);
    t.ok(keeper.text.endsWith('smallthe end'));
  },
);

t.test('TlsLeg passes records on one by one where no buffer is left for it', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper, far } = await open(sockets, new BufferPool(0));
  far.write(PATTERN);
  await until(() => leg.bytesRead === MUCH);
  t.ok(Buffer.concat(keeper.chunks).equals(PATTERN));
  t.ok(keeper.chunks.every(({ length }) => length <= RECORD_BYTES));
  t.notOk(leg.ownsBuffer);
});

/** Pauses its leg with each chunk for a turn of the event loop. */
class Hesitant extends Keeper {
  override onChunk(leg: Leg, chunk: Buffer): boolean {
    super.onChunk(leg, chunk);
    setImmediate(() => leg.resume());
    return false;
  }
}

for (const [what, limit] of [
  ['with a buffer of its own', 1],
  ['without', 0],
] as const) {
  t.test(`TlsLeg that is paused again and again loses nothing, ${what}`, async (t) => {
    await using sockets = await Sockets.open();
    const { leg, far } = await open(sockets, new BufferPool(limit));
    const hesitant = new Hesitant();
    leg.attach(hesitant);
    leg.end();
    far.end(PATTERN);
    await until(() => leg.closed);
    t.ok(Buffer.concat(hesitant.chunks).equals(PATTERN));
    t.strictSame(hesitant.heard, ['end', 'close cleanly']);
  });

  t.test(`toSocketLeg() amid many records leaves the rest to the socket, ${what}`, async (t) => {
    await using sockets = await Sockets.open();
    const { leg, far } = await open(sockets, new BufferPool(limit));
    const keeper = new Keeper();
    leg.attach({
      onChunk(from, chunk) {
        keeper.onChunk(from, chunk);
        if (leg.bytesRead < MUCH / 2) return true;
        leg.toSocketLeg();
        return false;
      },
      onEnd: () => {},
      onClose: () => {},
    });
    leg.end();
    far.end(PATTERN);
    await until(() => leg.bytesRead >= MUCH / 2);
    const rest: Buffer[] = [];
    for await (const chunk of leg.socket) rest.push(chunk);
    t.ok(Buffer.concat([...keeper.chunks, ...rest]).equals(PATTERN));
    t.ok(rest.length > 0);
    await until(() => leg.closed);
  });
}

t.test('TlsLeg that is paused leaves what a pending write may hold as it is', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper, far } = await open(sockets);
  const chunks: Buffer[] = [];
  far.write(PATTERN);
  await until(() => leg.bytesRead === MUCH);
  leg.attach({
    onChunk(_leg, chunk) {
      chunks.push(chunk);
      return false;
    },
    onEnd: () => {},
    onClose: () => {},
  });
  far.write('held');
  await until(() => chunks.length > 0);
  leg.attach(keeper);
  leg.resume();
  far.write('more');
  await until(() => keeper.text.endsWith('more'));
  t.equal(String(chunks[0]), 'held');
});

t.test('toSocketLeg() before the first read has nothing to leave', async (t) => {
  await using sockets = await Sockets.open();
  const { far: beneath } = await sockets.pair();
  const leg = new TlsLeg(new BufferPool(), tls.connect({ socket: beneath }));
  t.equal(leg.toSocketLeg(), leg);
  leg.destroy();
  await until(() => leg.closed);
});

t.test('toSocketLeg() leaves to the socket what has yet to be passed on', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper, far } = await open(sockets);
  far.write(PATTERN);
  await until(() => leg.bytesRead === MUCH);
  const { bytesRead } = leg;
  // As if one more record had come.
  leg.onRecord(RECORD_BYTES);
  t.equal(leg.bytesRead, bytesRead);
  leg.toSocketLeg();
  t.equal(leg.socket.readableLength, RECORD_BYTES);
  leg.resume();
  t.equal(leg.bytesRead, bytesRead + RECORD_BYTES);
  t.equal(keeper.chunks.at(-1)?.length, RECORD_BYTES);
});

t.test('TlsLeg that is closed by who is told of a record reads no other', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await open(sockets);
  leg.attach({
    onChunk: () => {
      leg.destroy();
      return true;
    },
    onEnd: () => {},
    onClose: () => {},
  });
  far.write('x');
  await until(() => leg.closed);
  t.equal(leg.bytesRead, 1);
});

t.test('TlsLeg tells when all that was written is taken', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper, far } = await open(sockets);
  t.notOk(leg.write(Buffer.alloc(MUCH)));
  t.ok(leg.pendingBytes > 0);
  t.strictSame(keeper.heard, []);
  far.resume();
  await until(() => keeper.heard.length > 0);
  t.strictSame(keeper.heard, ['drain']);
});

t.test('TlsLeg is reset beneath TLS, at once or as soon as its end is sent', async (t) => {
  await using sockets = await Sockets.open();
  for (const before of ['nothing', 'an end', 'a reset'] as const) {
    const { leg, keeper, farBeneath, far } = await open(sockets);
    const received = receive(far);
    if (before === 'an end') leg.end();
    if (before === 'a reset') leg.reset();
    leg.reset();
    leg.destroy();
    // Behind an end Node does not look any more.
    t.equal((await received).ending, before === 'an end' ? 'end' : 'ECONNRESET', `behind ${before}`);
    await until(() => leg.closed);
    if (before === 'an end') farBeneath.destroy();
    else await until(() => farBeneath.destroyed);
    t.ok(keeper.heard.at(-1)?.startsWith('close'));
  }
});

t.test('TlsLeg that is reset while its end is being sent closes once that is done', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper, far, farBeneath } = await open(sockets);
  const received = receive(far);
  leg.end();
  leg.reset();
  t.notOk(leg.destroyed, 'not yet');
  t.equal((await received).ending, 'end');
  await until(() => leg.closed);
  t.ok(leg.socket.writableFinished);
  t.strictSame(keeper.heard, ['close cleanly']);
  farBeneath.destroy();
});

t.test('TlsLeg that is closed behind the end of the far side says that it has ended too', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, farBeneath } = await open(sockets);
  const received = receive(far);
  far.end();
  await until(() => leg.ended);
  leg.destroy();
  t.equal((await received).ending, 'end');
  await until(() => leg.closed && farBeneath.destroyed);
});

t.test('TlsLeg closes by a fault of TLS after the handshake, with what it is', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper } = await open(sockets);
  leg.socket.emit(
    'error',
    Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }),
  );
  await until(() => leg.closed);
  t.strictSame(keeper.heard, ['close ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED']);
  leg.resume();
  leg.reset();
});

t.test('TlsLeg closes by a fault beneath, which the socket above tells of', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper } = await open(sockets);
  socketBeneath(leg.socket as tls.TLSSocket).emit(
    'error',
    Object.assign(new Error('beneath'), { code: 'ETIMEDOUT' }),
  );
  await until(() => leg.closed);
  t.strictSame(keeper.heard, ['close ETIMEDOUT']);
});

t.test('TlsLeg listens for faults beneath, also where Node does not', async (t) => {
  await using sockets = await Sockets.open();
  const { far: beneath } = await sockets.pair();
  const socket = tls.connect({ socket: beneath });
  beneath.removeAllListeners('error');
  const leg = new TlsLeg(new BufferPool(), socket);
  t.ok(beneath.emit('error', new Error('Nobody else hears this')), 'or it would be thrown');
  t.notOk(leg.destroyed);
  leg.destroy();
  await until(() => leg.closed);
  t.equal(leg.error, undefined);
});

t.test('TlsLeg has the far end as its remote, or the client it was told of, until it closes', async (t) => {
  await using sockets = await Sockets.open();
  const { leg } = await open(sockets);
  t.strictSame(leg.remote, { address: '127.0.0.1', port: sockets.port });
  const client = { address: '192.0.2.7', port: 4711 };
  leg.client = client;
  t.equal(leg.remote, client);
  leg.destroy();
  t.equal(leg.remote, undefined);
});

t.test('toSocketLeg() lets go of what is to come, and resume() reads again', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper, far } = await open(sockets);
  t.equal(leg.toSocketLeg(), leg);
  far.write('for another');
  await until(() => leg.socket.readableLength > 0);
  t.equal(String(leg.socket.read()), 'for another');
  t.equal(keeper.text, '');
  leg.resume();
  far.write('for the leg');
  await until(() => keeper.text === 'for the leg');
  t.equal(leg.received, 22);
});

t.test('toSocket() is the socket, open at half or not', async (t) => {
  await using sockets = await Sockets.open();
  for (const allowHalfOpen of [undefined, false, true]) {
    const { leg } = await open(sockets);
    leg.attach(NOBODY);
    const socket = allowHalfOpen === undefined ? leg.toSocket() : leg.toSocket({ allowHalfOpen });
    t.equal(socket, leg.socket);
    t.equal(socket.allowHalfOpen, allowHalfOpen ?? false);
    leg.destroy(new Error('Why'));
    await until(() => leg.closed);
    t.match(leg.error, { message: 'Why' });
  }
});

t.test('awaitHandshake() tells of its end, or that it failed when all is closed', async (t) => {
  await using sockets = await Sockets.open();
  for (const answers of [true, false]) {
    const { accepted, far } = await sockets.pair();
    const options = { isServer: true, secureContext: tls.createSecureContext({ cert, key }) };
    if (answers) new tls.TLSSocket(accepted, options).on('error', () => {});
    const leg = new TlsLeg(
      new BufferPool(),
      tls.connect({ socket: far, ca: issuer.ca, servername: 'peer.test' }),
    );
    const heard: string[] = [];
    leg.awaitHandshake({
      onConnect: () => heard.push('connected'),
      onConnectFault: (error) => heard.push(`${leg.closed} ${error?.message}`),
    });
    if (!answers) leg.destroy(new Error('Given up'));
    await until(() => heard.length > 0);
    if (answers) leg.destroy();
    await until(() => leg.closed);
    t.strictSame(heard, [answers ? 'connected' : 'true Given up']);
  }
});
