import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { UnixLine } from '#supervisor/unix-line.ts';

/** Two ends of a connection, and what the second hears. */
async function lineFor(t: Test, maxQueuedBytes?: number) {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  t.teardown(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  const heard: unknown[] = [];
  const closed = Promise.withResolvers<void>();
  const other = new UnixLine(far, { onMessage: (one) => heard.push(one), onClosed: () => closed.resolve() });
  const gone = Promise.withResolvers<void>();
  const line = new UnixLine(near, { onMessage: () => {}, onClosed: () => gone.resolve() }, maxQueuedBytes);
  return { line, near, far, other, heard, closed: closed.promise, gone: gone.promise };
}

t.test('UnixLine carries messages until one side ends it', async (t) => {
  const { line, other, heard, closed, gone } = await lineFor(t);
  await line.send({ kind: 'hello' });
  await line.send({ kind: 'again', undefined: undefined });
  line.close();
  await Promise.all([closed, gone]);
  t.same(heard, [{ kind: 'hello' }, { kind: 'again', undefined: undefined }]);
  t.equal(line.isOpen, false);
  await other.send('nobody hears it');
});

t.test('UnixLine ends where what comes is no message', async (t) => {
  const { near, closed, heard } = await lineFor(t);
  near.write('GET / HTTP/1.1\r\n\r\n');
  await closed;
  t.same(heard, []);
});

for (const nothing of [null, undefined, 7, 'text']) {
  t.test(`UnixLine ends where what comes is ${nothing}`, async (t) => {
    const { line, closed, heard } = await lineFor(t);
    await line.send(nothing);
    await closed;
    t.same(heard, []);
  });
}

// Attacks: bounded.
t.test('UnixLine ends where the other side takes nothing', async (t) => {
  const { line, far, gone } = await lineFor(t, 1000);
  far.pause();
  const sent = [line.send('x'.repeat(8_000_000)), line.send('y')];
  await Promise.all([...sent, gone]);
  t.equal(line.isOpen, false);
});

t.test('UnixLine does not hide a fault of who hears, and takes no message that is none', async (t) => {
  const { line } = await lineFor(t);
  t.throws(() => line.send(() => {}), /could not be cloned/);
});
