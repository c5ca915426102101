import type net from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import { type Leg, NOBODY, type Sink } from '#net/leg.ts';
import type { TcpLeg } from '#net/tcp-leg.ts';
import { type ConnectReply, readConnectReply } from '#peer/connect-reply.ts';
import { MAX_BODY_BYTES } from '#peer/reply-body.ts';
import { faultOf, Sockets, turns, until } from '../../fixtures/sockets.ts';

/** Reads an answer, as a promise. */
function replyOf(leg: Leg, abort: Abort): Promise<ConnectReply> {
  return new Promise((resolve, reject) => {
    readConnectReply(leg, abort, { onReply: resolve, onFault: reject });
  });
}

interface Asked {
  readonly leg: Leg;
  readonly far: net.Socket;
  readonly abort: Abort;
  readonly reply: Promise<ConnectReply>;
}

async function ask(sockets: Sockets): Promise<Asked> {
  const abort = new Abort();
  const { leg, far } = await sockets.leg();
  return { leg, far, abort, reply: replyOf(leg, abort) };
}

/** What is read of `raw`, and what is left for the tunnel. */
async function read(
  sockets: Sockets,
  raw: string,
): Promise<{ reply: ConnectReply; left: string | undefined }> {
  const { leg, far, reply } = await ask(sockets);
  far.write(raw, 'latin1');
  const got = await reply;
  leg.destroy();
  return { reply: got, left: leg.takeHeld()?.toString('latin1') };
}

t.test('readConnectReply() reads a 200', async (t) => {
  await using sockets = await Sockets.open();
  const { reply, left } = await read(
    sockets,
    'HTTP/1.1 200 OK\r\nVia: 1.1 t2\r\nX-Empty:\r\nX-Y:\t z \r\n\r\n',
  );
  t.strictSame(reply, {
    status: 200,
    phrase: 'OK',
    headers: ['Via', '1.1 t2', 'X-Empty', '', 'X-Y', 'z'],
    body: Buffer.alloc(0),
  });
  t.equal(left, undefined);
});

for (const line of [
  'HTTP/1.0 200 Connection established',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 299 ',
  'HTTP/1.1 200',
]) {
  t.test(`readConnectReply() takes "${line}" for an open tunnel`, async (t) => {
    await using sockets = await Sockets.open();
    const { reply, left } = await read(sockets, `${line}\r\n\r\nbytes`);
    t.ok(reply.status >= 200 && reply.status < 300);
    t.equal(left, 'bytes');
  });
}

for (const framing of [
  'Content-Length: 5',
  'Content-Length: 0',
  'Transfer-Encoding: chunked',
  'Content-Length: x',
]) {
  t.test(
    `readConnectReply() ignores "${framing}" in a 2xx, and keeps what follows for the tunnel`,
    async (t) => {
      await using sockets = await Sockets.open();
      const { reply, left } = await read(
        sockets,
        `HTTP/1.1 200 OK\r\n${framing}\r\n\r\n\x16\x03\x01\xff and more`,
      );
      t.equal(reply.body.length, 0);
      t.equal(left, '\x16\x03\x01\xff and more');
    },
  );
}

t.test('readConnectReply() skips 1xx before the final answer', async (t) => {
  await using sockets = await Sockets.open();
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n';
  const { reply, left } = await read(
    sockets,
    `HTTP/1.1 100 Continue\r\n\r\n${hints.repeat(1_000)}HTTP/1.1 200 OK\r\n\r\nx`,
  );
  t.equal(reply.status, 200);
  t.same(reply.headers, []);
  t.equal(left, 'x');
});

t.test('readConnectReply() takes what the peer said unasked for part of its answer', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  far.write('HTTP/1.1 503 Full\r\nContent-Length: 4\r\n\r\nbu');
  await until(() => leg.bytesRead > 0);
  const reply = replyOf(leg, new Abort());
  far.write('sy');
  t.equal((await reply).body.toString(), 'busy');
});

t.test('readConnectReply() needs no more than what the peer said unasked', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  far.write('HTTP/1.1 503 Full\r\nContent-Length: 4\r\n\r\nbusy');
  await until(() => leg.bytesRead > 0);
  t.equal((await replyOf(leg, new Abort())).body.toString(), 'busy');
});

const REFUSALS: readonly [what: string, raw: string, body: string][] = [
  ['by Content-Length', 'Content-Length: 6\r\n\r\ndenied and more', 'denied'],
  ['without any', 'Content-Length: 0\r\n\r\n', ''],
  ['by chunks', 'Transfer-Encoding: chunked\r\n\r\n3\r\nden\r\n3\r\nied\r\n0\r\n\r\n', 'denied'],
  ['by nonsense', 'Content-Length: six\r\n\r\ndenied', ''],
];

for (const [what, raw, body] of REFUSALS) {
  t.test(`readConnectReply() reads a refusal whole: body ${what}`, async (t) => {
    await using sockets = await Sockets.open();
    const { reply } = await read(sockets, `HTTP/1.1 403 Denied by t2\r\n${raw}`);
    t.equal(reply.status, 403);
    t.equal(reply.phrase, 'Denied by t2');
    t.equal(reply.body.toString(), body);
  });
}

t.test('readConnectReply() reads a refusal whole: body until the peer closes', async (t) => {
  await using sockets = await Sockets.open();
  const { far, reply } = await ask(sockets);
  far.write('HTTP/1.1 403 Denied\r\n\r\nsome ');
  await turns();
  far.end('text');
  t.equal((await reply).body.toString(), 'some text');
});

t.test('readConnectReply() keeps to a refusal whose text is cut short', async (t) => {
  await using sockets = await Sockets.open();
  for (const breakOff of ['end', 'resetAndDestroy'] as const) {
    const { leg, far, reply } = await ask(sockets);
    far.write('HTTP/1.1 403 Denied\r\nContent-Length: 100\r\n\r\nsome');
    await until(() => leg.bytesRead > 0);
    far[breakOff]();
    const { status, body } = await reply;
    t.equal(status, 403);
    t.equal(body.toString(), 'some');
  }
});

t.test('readConnectReply() cuts the text of a refusal', async (t) => {
  await using sockets = await Sockets.open();
  const { reply } = await read(sockets, `HTTP/1.1 403 Denied\r\n\r\n${'x'.repeat(MAX_BODY_BYTES + 1)}`);
  t.equal(reply.body.length, MAX_BODY_BYTES);
});

const NONSENSE: Readonly<Record<string, string>> = {
  'more fields than there may be': `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(201)}\r\n`,
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'HTTP/2': 'HTTP/2 200 OK\r\n\r\n',
  'a status out of range': 'HTTP/1.1 600 OK\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\n\r\n',
  'a status without a space': 'HTTP/1.1 200OK\r\n\r\n',
  'an empty head': '\r\n\r\n',
  'a field without a colon': 'HTTP/1.1 200 OK\r\nX\r\n\r\n',
  'a field name with a space': 'HTTP/1.1 200 OK\r\nX : y\r\n\r\n',
  'a folded field': 'HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n',
  'a bare line feed': 'HTTP/1.1 200 OK\r\nX: y\nZ: a\r\n\r\n',
  'a control character': 'HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n',
  '101': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'a head without end': `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(12_000)}`,
};

for (const [what, raw] of Object.entries(NONSENSE)) {
  t.test(`readConnectReply() refuses ${what}`, async (t) => {
    await using sockets = await Sockets.open();
    const { far, reply } = await ask(sockets);
    far.write(raw, 'latin1');
    t.match(await faultOf(reply), { reason: 'peer_protocol_error' });
  });
}

for (const breakOff of ['end', 'resetAndDestroy'] as const) {
  t.test(`readConnectReply() says that the peer closed before it answered (${breakOff})`, async (t) => {
    await using sockets = await Sockets.open();
    const { leg, far, reply } = await ask(sockets);
    far.write('HTTP/1.1 200 OK\r\nVia: ');
    await until(() => leg.bytesRead > 0);
    far[breakOff]();
    t.match(await faultOf(reply), { reason: 'peer_terminated' });
  });
}

t.test('readConnectReply() tells of an alert by which a peer refuses TLS', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, reply } = await ask(sockets);
  (leg as TcpLeg).destroy(
    Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }),
  );
  t.match(await faultOf(reply), { reason: 'tls_alert_received' });
});

t.test('readConnectReply() of a leg that has ended or closed before fails at once', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await sockets.leg();
  far.end();
  await until(() => leg.ended);
  t.match(await faultOf(replyOf(leg, new Abort())), { reason: 'peer_terminated' });
  leg.destroy();
  await until(() => leg.closed);
  t.match(await faultOf(replyOf(leg, new Abort())), { reason: 'peer_terminated' });
});

t.test('readConnectReply() stops at an abort, before and while it reads', async (t) => {
  await using sockets = await Sockets.open();
  const gone = new ProxyError('client_gone');
  const { leg, far, abort, reply } = await ask(sockets);
  abort.abort(gone);
  t.equal(await faultOf(reply), gone);
  t.equal(await faultOf(replyOf(leg, abort)), gone);
  far.write('HTTP/1.1 200 OK\r\n\r\n');
  await until(() => leg.bytesRead > 0);
  t.equal(leg.takeHeld()?.toString(), 'HTTP/1.1 200 OK\r\n\r\n', 'nobody reads it');
});

t.test('readConnectReply() listens to the abort no more once it is done', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, abort, reply } = await ask(sockets);
  far.write('HTTP/1.1 200 OK\r\n\r\n');
  await reply;
  const ends: string[] = [];
  leg.attach({ ...NOBODY, onEnd: () => ends.push('end') });
  abort.abort(new ProxyError('client_gone'));
  leg.resume();
  far.end();
  await until(() => leg.ended);
  t.same(ends, ['end'], 'the leg’s new owner is still in charge');
});

/** A leg that is fed by hand: the kernel would join what is sent apart. */
class FedLeg {
  #sink: Sink = NOBODY;
  readonly #held: Buffer[] = [];

  attach(sink: Sink): void {
    this.#sink = sink;
  }

  hold(chunk: Buffer): void {
    this.#held.push(Buffer.from(chunk));
  }

  takeHeld(): Buffer | undefined {
    return this.#held.length === 0 ? undefined : Buffer.concat(this.#held.splice(0));
  }

  resume(): void {}

  feed(chunk: Buffer): void {
    this.#sink.onChunk(this as unknown as Leg, chunk);
    // The buffer is used again for the next read.
    chunk.fill(0);
  }
}

const INTERIM = ['', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n'];
const FINAL = [
  { head: 'HTTP/1.1 200 OK\r\nVia: 1.1 t2\r\n\r\n', status: 200, body: '' },
  { head: 'HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\ndenied', status: 403, body: 'denied' },
];

t.test('readConnectReply() reads the same answer however its bytes are split', async (t) => {
  const interim = fc.constantFrom(...INTERIM);
  const rest = fc.uint8Array({ maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({ interim, final: fc.constantFrom(...FINAL), rest, cuts: fc.array(fc.nat(200)) }),
      async ({ interim, final, rest, cuts }) => {
        const whole = Buffer.concat([Buffer.from(interim + final.head), rest]);
        const leg = new FedLeg();
        const reply = replyOf(leg as unknown as Leg, new Abort());
        const at = [...new Set(cuts.map((cut) => cut % whole.length))].sort((a, b) => a - b);
        for (const [i, start] of [0, ...at].entries()) {
          leg.feed(Buffer.from(whole.subarray(start, at[i] ?? whole.length)));
        }
        const { status, body } = await reply;
        t.same({ status, body: body.toString() }, { status: final.status, body: final.body });
        // What follows a 2xx is the tunnel's; behind a refusal nothing is.
        if (status === 200) t.ok(Buffer.from(rest).equals(leg.takeHeld() ?? Buffer.alloc(0)));
      },
    ),
    { seed: 20_261_129 },
  );
});
