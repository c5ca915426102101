/** Over real sockets. */
import t, { type Test } from 'tap';
import { SocketWires, type WireOptions } from '#doctor/socket-wires.ts';
import { blackHole } from '../../fixtures/black-hole.ts';
import { tcpOrigin, tlsOrigin } from '../../fixtures/origin.ts';
import { owned } from '../../fixtures/owned.ts';
import { closedPort } from '../../fixtures/sockets.ts';
import { Issuer } from '../../fixtures/tls.ts';

function open(t: Test, options: Partial<WireOptions> = {}): SocketWires {
  const wires = new SocketWires({ timeoutMs: 5000, ca: undefined, ...options });
  t.teardown(() => wires.close());
  return wires;
}

const HERE = ['127.0.0.1'];
const HEAD = 'OPTIONS * HTTP/1.1\r\n\r\n';

t.test('SocketWires looks names up as the system does', async (t) => {
  t.match(await open(t).lookUp('localhost'), [/^(?:127\.0\.0\.1|::1)$/]);
  await t.rejects(open(t).lookUp('no-such-name.invalid'), { message: /\((?:ENOTFOUND|EAI_AGAIN)\)$/ });
});

t.test('SocketWires connects to the first address that takes it, and asks', async (t) => {
  const seen: string[] = [];
  const origin = owned(
    t,
    await tcpOrigin((socket) => {
      socket.once('data', (chunk) => {
        seen.push(String(chunk));
        socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
      });
    }),
  );
  const wires = open(t);
  const connection = await wires.connect(['127.0.0.2', '127.0.0.1'], origin.port);
  t.equal(connection.remote, `127.0.0.1:${origin.port}`);
  t.match(await wires.ask(connection, HEAD), { status: 403 });
  t.match(await wires.ask(await wires.again(connection), HEAD), { status: 403 });
  t.same(seen, [HEAD, HEAD]);
});

t.test('SocketWires tells why it cannot connect, and ends in time', async (t) => {
  const port = await closedPort();
  const message = `127.0.0.1:${port}: connection refused (ECONNREFUSED); [::1]:${port}: `;
  const fault = await open(t)
    .connect(['127.0.0.1', '::1'], port)
    .catch((error: Error) => error.message);
  t.equal(String(fault).startsWith(message), true, String(fault));
  await using hole = await blackHole();
  await t.rejects(open(t, { timeoutMs: 50 }).connect(HERE, hole.port), { message: /: no answer in 50 ms$/ });
});

t.test('SocketWires waits no longer for an answer than it may', async (t) => {
  const silent = owned(t, await tcpOrigin(() => {}));
  const wires = open(t, { timeoutMs: 50 });
  const connection = await wires.connect(HERE, silent.port);
  await t.rejects(wires.ask(connection, HEAD), { message: 'no answer in 50 ms' });
  const begun = owned(t, await tcpOrigin((socket) => void socket.write('HTTP/1.1 403 No\r\n\r\nbegun')));
  t.match(
    await wires.ask(await wires.connect(HERE, begun.port), HEAD),
    { status: 403, body: 'begun' },
    'a page that never ends is an answer',
  );
});

t.test('SocketWires tells what is no answer', async (t) => {
  const other = owned(t, await tcpOrigin((socket) => void socket.write('SSH-2.0-x\r\n\r\n')));
  const wires = open(t);
  const asked = wires.ask(await wires.connect(HERE, other.port), HEAD);
  await t.rejects(asked, { name: 'WireFault', message: 'what it answers is no HTTP/1.1' });
});

t.test('SocketWires shakes hands, and judges the certificate', async (t) => {
  const issuer = owned(t, await Issuer.open());
  const issued = await issuer.issue('o', { names: 'DNS:a.x,IP:127.0.0.1' });
  const origin = owned(t, await tlsOrigin(issued, (_request, response) => void response.end('x')));
  const wires = open(t, { ca: issuer.ca });
  const secured = await wires.secure(await wires.connect(HERE, origin.port), 'a.x');
  t.match(secured.certificate, { names: ['a.x', '127.0.0.1'], fault: undefined });
  t.match(await wires.ask(secured.connection, 'GET / HTTP/1.1\r\nHost: a.x\r\n\r\n'), { status: 200 });
  const another = await wires.again(secured.connection);
  t.match(await wires.ask(another, 'GET / HTTP/1.1\r\nHost: a.x\r\n\r\n'), { status: 200 }, 'in TLS again');
  const byAddress = await wires.secure(await wires.connect(HERE, origin.port), '127.0.0.1');
  t.equal(byAddress.certificate.fault, undefined);
  const stranger = open(t);
  const untrusted = await stranger.secure(await stranger.connect(HERE, origin.port), 'a.x');
  t.match(untrusted.certificate.fault, /^certificate of none of the authorities/);
});

t.test('SocketWires tells a handshake that fails', async (t) => {
  const plain = owned(t, await tcpOrigin((socket) => void socket.write('HTTP/1.1 400 No\r\n\r\n')));
  const wires = open(t);
  await t.rejects(wires.secure(await wires.connect(HERE, plain.port), 'a.x'), { message: /no TLS/ });
  const closing = owned(t, await tcpOrigin((socket) => void socket.once('data', () => socket.end())));
  await t.rejects(wires.secure(await wires.connect(HERE, closing.port), 'a.x'), { message: /./ });
});
