/**
 * The connection of a client whose plain requests Weir reads itself: that it is kept alive, that its leaving is seen whatever it
 * sent ahead, and that its bytes are counted once, whoever reads it.
 */
import t from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { needProc } from '../fixtures/process-state.ts';
import { allRead, sendCut, startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { isKeptAlive } from '../fixtures/tcp-state.ts';
import { eventually } from '../fixtures/within.ts';

const GET = 'GET http://ORIGIN/x HTTP/1.1\r\nHost: ORIGIN\r\n\r\n';

for (const [by, cut] of [
  ['Weir', 1000],
  ['Node', 5],
] as const) {
  t.test(`a client that waits for its answer is kept alive by ${by}`, async (t) => {
    if (!needProc(t)) return;
    await using origin = await rawOrigin();
    await using proxy = await startProxy(yamlOf());
    await using client = await RawClient.connect(proxy.port);
    const text = GET.replaceAll('ORIGIN', `origin.example:${origin.port}`);
    await sendCut(proxy, client, [text.slice(0, cut), text.slice(cut)].filter(Boolean));
    const far = await origin.accept();
    await far.head();
    t.ok(isKeptAlive(client.socket));
    far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    await client.until((got) => got.endsWith('hi'));
  });
}

/** The records of one client, once there are `count`. */
async function endedOf({ records }: TestProxy, port: number, count: number): Promise<readonly RecordEntry[]> {
  const found = (): RecordEntry[] => records.filter(({ clientPort }) => clientPort === port);
  await eventually(() => found().length === count, 'its records');
  return found();
}

/** The proxy keeps so much of what comes ahead of an answer, and reads no more. */
const KEPT_BYTES = 64 * 1024;

t.test('an answer for which the client is gone already is not told as one that it got', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const port = client.socket.localPort as number;
  client.send(GET.replaceAll('ORIGIN', `origin.example:${origin.port}`));
  const far = await origin.accept();
  await far.head();
  await sendCut(proxy, client, ['x'.repeat(KEPT_BYTES), 'x']);
  await allRead(proxy);
  client.reset();
  await client.closed();
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.match(await endedOf(proxy, port, 1), [{ outcome: 'client_gone', reason: 'client_gone' }]);
});

t.test('a client that leaves amid a request that filled what is kept is noticed', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const port = client.socket.localPort as number;
  const get = GET.replaceAll('ORIGIN', `origin.example:${origin.port}`);
  client.send(get);
  const far = await origin.accept();
  await far.head();
  const post = `${get.replace('GET', 'POST').replace('Host', `Content-Length: ${KEPT_BYTES}\r\nHost`)}${'x'.repeat(KEPT_BYTES)}`;
  await sendCut(proxy, client, [post.slice(0, 30_000), post.slice(30_000)]);
  await allRead(proxy);
  far.send('HTTP/1.1 204 No Content\r\n\r\n');
  await client.head();
  const next = await origin.accept();
  await next.until((text) => text.endsWith('x'.repeat(KEPT_BYTES)));
  client.reset();
  t.match(await endedOf(proxy, port, 2), [{ status: 204 }, { outcome: 'client_gone' }]);
});

t.test('bytes are counted once on a connection that Node’s HTTP takes over', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const get = GET.replaceAll('ORIGIN', `origin.example:${origin.port}`);
  const lengths: number[] = [];
  for (const request of [get, get.replace('GET', 'OPTIONS'), get]) {
    client.send(request);
    const far = await origin.accept();
    await far.head();
    far.send('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi');
    far.end();
    lengths.push((await client.until((text) => text.endsWith('hi'))).length);
  }
  const ended = await proxy.ended(3);
  t.same(
    ended.map(({ bytesToClient }) => bytesToClient),
    lengths,
  );
  t.same(
    ended.map(({ bytesFromClient }) => bytesFromClient),
    [get.length, get.length + 4, get.length],
  );
});
