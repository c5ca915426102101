import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import t from 'tap';
import type { ProxyError } from '#errors.ts';
import { dialFault } from '#net/dial-fault.ts';
import { type DialTools, Opening, type UpstreamLeg } from '#net/opening.ts';
import { TlsClient } from '#net/tls-client.ts';
import type { TlsPeerOptions } from '#net/tls-context.ts';
import { TlsLeg } from '#net/tls-leg.ts';
import { Keeper } from '../../fixtures/keeper.ts';
import { dialTools, until } from '../../fixtures/sockets.ts';
import { Issuer } from '../../fixtures/tls.ts';

const [issuer, stranger] = await Promise.all([Issuer.open(), Issuer.open()]);
t.teardown(() => Promise.all([issuer[Symbol.asyncDispose](), stranger[Symbol.asyncDispose]()]));
const [peer, expired, own] = await Promise.all([
  issuer.issue('peer.test', { names: 'DNS:peer.test,IP:127.0.0.1' }),
  issuer.issue('expired.test', { names: 'DNS:peer.test', days: -1 }),
  issuer.issue('own.test'),
]);
const GOOD: TlsPeerOptions = { ca: issuer.ca, own: undefined, serverName: 'peer.test' };

/** A server that is closed with all its connections. */
async function listen(server: net.Server): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket.on('error', () => {})));
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function tlsServer(
  options: tls.TlsOptions = {},
  serve = (socket: tls.TLSSocket): void => void socket.resume(),
) {
  const server = tls.createServer({ cert: peer.cert, key: peer.key, allowHalfOpen: true, ...options });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  return listen(server);
}

interface Dial {
  readonly tools: DialTools;
  readonly client: TlsClient;
  readonly timeoutMs?: number;
}

function dial(port: number, { tools, client, timeoutMs = 5000 }: Dial): Promise<UpstreamLeg> {
  const target = { address: '127.0.0.1', port, timeoutMs, tls: client };
  return new Promise((resolve, reject) => {
    const onFailed = (error: NodeJS.ErrnoException): void => reject(dialFault(target, error));
    new Opening(tools, target, { onOpened: resolve, onFailed });
  });
}

async function faultOf(port: number, options: Partial<TlsPeerOptions> = {}): Promise<ProxyError> {
  const tools = dialTools();
  const client = new TlsClient({ ...GOOD, ...options });
  const fault = await dial(port, { tools, client }).then(
    (leg) => leg,
    (error: unknown) => error,
  );
  if (fault instanceof TlsLeg) fault.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
  return fault as ProxyError;
}

t.test(
  'TlsClient opens a leg to whom it is for, by a name or by an address, with ALPN and its own certificate',
  async (t) => {
    const seen: string[] = [];
    await using server = await tlsServer(
      { ca: issuer.ca, requestCert: true, ALPNProtocols: ['http/1.1'] },
      (socket) => {
        const { subject } = socket.getPeerX509Certificate() ?? {};
        seen.push(`${subject} ${socket.alpnProtocol} ${socket.getProtocol()} ${socket.servername}`);
        socket.end('hello');
      },
    );
    const tools = dialTools();
    for (const serverName of ['peer.test', '127.0.0.1']) {
      const client = new TlsClient({ ...GOOD, own: { cert: own.cert, key: own.key }, serverName });
      const leg = await dial(server.port, { tools, client });
      const keeper = new Keeper();
      leg.attach(keeper);
      leg.resume();
      await until(() => leg.ended);
      t.equal(keeper.text, 'hello');
      leg.destroy();
    }
    await until(() => tools.ledger.open('upstream') === 0);
    t.strictSame(tools.ledger.opened.upstream, 2);
    t.strictSame(seen, ['CN=own.test http/1.1 TLSv1.3 peer.test', 'CN=own.test http/1.1 TLSv1.3 false']);
  },
);

// Attacks: true-peer.
t.test('TlsClient refuses whoever is not whom it is for, and says what is wrong', async (t) => {
  await using good = await tlsServer();
  t.match(await faultOf(good.port, { serverName: 'other.test' }), {
    reason: 'tls_certificate_error',
    message:
      /^Cannot connect to 127\.0\.0\.1 port \d+: certificate is for another name than other\.test \(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
  });
  t.match(
    await faultOf(good.port, { ca: stranger.ca }),
    { reason: 'tls_certificate_error' },
    'another authority',
  );
  await using late = await tlsServer({ cert: expired.cert, key: expired.key });
  t.match(await faultOf(late.port), {
    reason: 'tls_certificate_error',
    message: /expired \(CERT_HAS_EXPIRED\)$/,
  });
  await using old = await tlsServer({ maxVersion: 'TLSv1.2' });
  t.match(await faultOf(old.port), { reason: 'tls_alert_received' }, 'an old version');
  await using plain = await listen(net.createServer((socket) => socket.end('HTTP/1.1 400 No\r\n\r\n')));
  t.match(await faultOf(plain.port), {
    reason: 'tls_protocol_error',
    message: /\(ERR_SSL_WRONG_VERSION_NUMBER\)$/,
  });
  await using closing = await listen(net.createServer((socket) => socket.end()));
  t.match(await faultOf(closing.port), { reason: 'connection_terminated' });
  await using resetting = await listen(net.createServer((socket) => socket.resetAndDestroy()));
  t.match(await faultOf(resetting.port), { reason: 'connection_terminated' });
});

t.test('a handshake that does not come to its end counts for the time of the connect', async (t) => {
  await using silent = await listen(net.createServer());
  const tools = dialTools();
  const opened = dial(silent.port, { tools, client: new TlsClient(GOOD), timeoutMs: 100 });
  const ticking = setInterval(() => tools.clock.advance(100), 5);
  await t.rejects(opened, { reason: 'connection_timeout', message: /no answer$/ });
  clearInterval(ticking);
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('a peer that wants a certificate says so by an alert, after the handshake', async (t) => {
  await using server = await tlsServer({ ca: issuer.ca, requestCert: true });
  const tools = dialTools();
  const leg = await dial(server.port, { tools, client: new TlsClient(GOOD) });
  const keeper = new Keeper();
  leg.attach(keeper);
  leg.resume();
  await until(() => leg.closed);
  t.match(keeper.heard.at(-1), /^close ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED$/);
});

// Attacks: bounded.
t.test('TlsClient takes sessions up again by tickets, and keeps no more than it can use', async (t) => {
  const reused: boolean[] = [];
  await using server = await tlsServer({}, (socket) => {
    reused.push(socket.isSessionReused());
    socket.end('bye');
  });
  const tools = dialTools();
  const client = new TlsClient(GOOD);
  const talk = async (): Promise<UpstreamLeg> => {
    const leg = await dial(server.port, { tools, client });
    leg.attach({ onChunk: () => true, onEnd: () => leg.destroy(), onClose: () => {} });
    leg.resume();
    await until(() => leg.closed);
    return leg;
  };
  const first = await talk();
  t.equal(client.tickets, 2);
  const second = await talk();
  for (let round = 0; round < 20; round += 1) await talk();
  t.strictSame(reused, [false, ...Array<boolean>(21).fill(true)]);
  t.ok(client.tickets > 0);

  const alert = Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR' });
  t.notOk(client.blamesTicket(first, alert), 'it had none');
  t.ok(client.blamesTicket(second, new Error('closed')), 'it had one');
  t.equal(client.tickets, 0);
  for (let i = 0; i < 20; i += 1) (first as TlsLeg).socket.emit('session', Buffer.from('ticket'));
  t.equal(client.tickets, 16);
  const { now } = performance;
  t.teardown(() => Object.assign(performance, { now }));
  performance.now = () => now.call(performance) + 300_001;
  await talk();
  t.equal(reused.at(-1), false, 'old tickets are not used');
  t.ok(client.blamesTicket(second, alert), 'whoever refuses who comes with one is asked without');
  t.equal(client.tickets, 0);
  await talk();
  t.strictSame([reused.at(-1), client.tickets], [false, 0]);
});
