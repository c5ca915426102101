/** Over real sockets: who gets an answer, and who has to leave. */
import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { type AdminFixture as Fixture, startTestAdmin as start } from '../../fixtures/admin.ts';
import { within } from '../../fixtures/within.ts';

/** A connection that has said nothing yet. */
async function open({ admin }: Fixture): Promise<net.Socket> {
  const socket = net.connect(admin.address.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

const SCRAPE = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n';

t.test('of pipelined requests one is answered, and the connection closed', async (t) => {
  let count = 0;
  const render = async (): Promise<string> => {
    count += 1;
    return 'weir_up 1\n';
  };
  await using fixture = await start({ metrics: { contentType: 'text/plain', render } });
  const answers = await within(fixture.raw(SCRAPE.repeat(3)), () => 'the end of the connection');
  t.equal(count, 1);
  t.equal(answers.split('HTTP/1.1 200 OK').length - 1, 1);
  t.match(answers, /^Connection: close\r$/m);
  t.match(answers, /\r\n\r\nweir_up 1\n$/);
});

t.test('a request behind an answer that is on its way is the last, too', async (t) => {
  const large = 'x'.repeat(16 * 1024 * 1024);
  let count = 0;
  const render = async (): Promise<string> => {
    count += 1;
    return large;
  };
  await using fixture = await start({ metrics: { contentType: 'text/plain', render } });
  const socket = net.connect(fixture.admin.address.port, '127.0.0.1');
  socket.write(SCRAPE);
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.write(SCRAPE);
  const answers = await within(text(socket), () => 'the end of the connection');
  t.equal(first.length + answers.length - large.length < 1000, true, 'one answer');
  t.equal(count, 1);
});

t.test(
  'requests one after another share a connection, which ends after five seconds of silence',
  async (t) => {
    await using fixture = await start();
    const socket = net.connect(fixture.admin.address.port, '127.0.0.1');
    for (let i = 0; i < 3; i += 1) {
      socket.write(SCRAPE);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      t.match(String(answer), /^HTTP\/1\.1 200 OK[\s\S]*^Keep-Alive: timeout=5\r$/m);
    }
    socket.destroy();
  },
);

// Attacks: bounded.
t.test('where there is no room the connection that was idle longest makes it', async (t) => {
  await using fixture = await start({ maxConnections: 2 });
  const [older, younger] = [await open(fixture), await open(fixture)];
  // Its request makes the first one the one that was idle for less time.
  older.write(SCRAPE);
  await once(older, 'data');
  const gone = once(younger, 'close');
  t.equal((await fixture.get('/healthz')).status, 200);
  await within(gone, () => 'the idle connection to close');
  t.notOk(older.destroyed);
  older.destroy();
});

t.test('a connection that waits for its answer is not evicted while another is idle', async (t) => {
  const rendered = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<void>();
  const render = (): Promise<string> => {
    asked.resolve();
    return rendered.promise;
  };
  await using fixture = await start({
    maxConnections: 2,
    metrics: { contentType: 'text/plain', render },
  });
  const busy = await open(fixture);
  busy.write(SCRAPE);
  await asked.promise;
  const idle = await open(fixture);
  const gone = once(idle, 'close');
  const late = await open(fixture);
  await within(gone, () => 'the idle connection to close');
  rendered.resolve('weir_up 1\n');
  t.match(String((await once(busy, 'data'))[0]), /^HTTP\/1\.1 200 OK/);
  for (const socket of [busy, late]) socket.destroy();
});

t.test('where all wait for an answer the oldest makes room', async (t) => {
  const asked = Promise.withResolvers<void>();
  const render = (): Promise<string> => {
    asked.resolve();
    return new Promise(() => {});
  };
  await using fixture = await start({
    maxConnections: 1,
    metrics: { contentType: 'text/plain', render },
  });
  const busy = await open(fixture);
  const gone = once(busy, 'close');
  busy.write(SCRAPE);
  await asked.promise;
  t.equal((await fixture.get('/healthz')).status, 200);
  await within(gone, () => 'the waiting connection to close');
});
