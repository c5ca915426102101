import net from 'node:net';
import t from 'tap';
import { type DialTarget, Opening, type OpeningParts } from '#net/opening.ts';
import { needProc } from '../../fixtures/process-state.ts';
import { closedPort, dialTools, Sockets, until } from '../../fixtures/sockets.ts';
import { isKeptAlive } from '../../fixtures/tcp-state.ts';

interface Started {
  readonly opening: Opening;
  readonly outcome: Promise<net.Socket | NodeJS.ErrnoException>;
}

function start(
  tools: ReturnType<typeof dialTools>,
  port: number,
  connect?: OpeningParts['connect'],
): Started {
  const { promise: outcome, resolve } = Promise.withResolvers<net.Socket | NodeJS.ErrnoException>();
  const target: DialTarget = { address: '127.0.0.1', port, timeoutMs: 1_000 };
  const parts = { opened: resolve, failed: resolve, ...(connect === undefined ? {} : { connect }) };
  return { opening: new Opening(tools, target, parts), outcome };
}

/** Makes sockets of which the first `count` find no file descriptor. */
function exhausted(count: number, code: string): { connect: OpeningParts['connect']; made: number } {
  const maker = {
    made: 0,
    connect: (options: net.TcpNetConnectOpts) => {
      maker.made += 1;
      if (maker.made > count) return net.connect(options);
      const socket = new net.Socket();
      process.nextTick(() => socket.destroy(Object.assign(new Error('connect'), { code })));
      return socket;
    },
  };
  return maker;
}

t.test('Opening hands over the socket that it was given, without Nagle', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  let asked: net.TcpNetConnectOpts | undefined;
  const { outcome } = start(tools, sockets.port, (options) => {
    asked = options;
    return net.connect(options);
  });
  const socket = (await outcome) as net.Socket;
  t.match(asked, { noDelay: true, autoSelectFamily: false });
  t.equal(socket.remotePort, sockets.port);
  t.equal(tools.ledger.open('upstream'), 1);
  t.equal(tools.wheel.size, 0);
  socket.destroy(new Error('later'));
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('Opening makes a socket of its own that is kept alive', async (t) => {
  if (!needProc(t)) return;
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const { outcome } = start(tools, sockets.port);
  const socket = (await outcome) as net.Socket;
  t.ok(isKeptAlive(socket));
  socket.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('Opening fails with what the system says', async (t) => {
  const tools = dialTools();
  const { outcome } = start(tools, await closedPort());
  t.match(await outcome, { code: 'ECONNREFUSED' });
  t.same(tools.ledger.closed, tools.ledger.opened);
  t.equal(tools.wheel.size, 0);
});

t.test(
  'Opening fails when its time is over, when it is stopped, and when its socket is closed',
  async (t) => {
    await using sockets = await Sockets.open();
    const tools = dialTools();
    const late = start(tools, sockets.port);
    tools.clock.advance(1_050);
    t.match(await late.outcome, { code: 'ETIMEDOUT' });
    const stopped = start(tools, sockets.port);
    const why = new Error('why');
    stopped.opening.stop(why);
    t.equal(await stopped.outcome, why);
    const closed = start(tools, sockets.port, (options) => net.connect(options).destroy());
    t.match(await closed.outcome, { message: 'Closed' });
    t.same(tools.ledger.closed, tools.ledger.opened);
    t.equal(tools.wheel.size, 0);
  },
);

for (const code of ['EMFILE', 'ENFILE']) {
  t.test(`Opening takes idle connections where there is no file descriptor: ${code}`, async (t) => {
    await using sockets = await Sockets.open();
    const tools = dialTools();
    const idle = [new net.Socket(), new net.Socket()];
    for (const socket of idle) tools.idle.add(socket);
    const maker = exhausted(1, code);
    const { outcome } = start(tools, sockets.port, maker.connect);
    const socket = (await outcome) as net.Socket;
    t.equal(socket.remotePort, sockets.port);
    t.ok(idle.every(({ destroyed }) => destroyed));
    socket.destroy();
  });

  t.test(`Opening gives up where that helps nothing, or there are none: ${code}`, async (t) => {
    await using sockets = await Sockets.open();
    const tools = dialTools();
    const none = exhausted(1, code);
    t.match(await start(tools, sockets.port, none.connect).outcome, { code });
    t.equal(none.made, 1);
    tools.idle.add(new net.Socket());
    const again = exhausted(2, code);
    t.match(await start(tools, sockets.port, again.connect).outcome, { code });
    t.equal(again.made, 2, 'once');
    t.equal(tools.wheel.size, 0);
  });
}
