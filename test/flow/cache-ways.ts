/** What is kept, over every way to a client: whoever reads its requests, with a limit, and of whom a tier says who asks. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { keyFile, startAssertingTier, startTrustingTier } from '../fixtures/hops.ts';
import { httpOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const CACHED = '[{ name: everything, allow: [all], cache: true }]';
const KIB = 1024;

/** An origin whose answers may be kept; tells how often it was asked. */
async function countingOrigin(bytes = 2000) {
  let count = 0;
  const origin = await httpOrigin((request, response) => {
    count += 1;
    request.resume();
    response.writeHead(200, { 'Cache-Control': 'max-age=600', 'Content-Length': bytes });
    response.end(Buffer.alloc(bytes, 'x'));
  });
  return Object.assign(origin, { asked: () => count });
}

const get = (port: number, fields = 'Host: x\r\n', version = '1.1'): string =>
  `GET http://origin.example:${port}/ HTTP/${version}\r\n${fields}\r\n`;

async function ask({ port }: TestProxy, text: string, from?: string) {
  await using client = await RawClient.connect(port, from === undefined ? {} : { from });
  client.send(text);
  return await readAnswer(client);
}

t.test('a hit is the same whoever reads the request, in a row, and by HTTP/1.0', async (t) => {
  await using origin = await countingOrigin();
  await using proxy = await startProxy(yamlOf({ access: CACHED }));
  t.match((await ask(proxy, get(origin.port))).fields['cache-status'], /fwd=uri-miss/);
  await using client = await RawClient.connect(proxy.port);
  // What comes together is read by Node's HTTP.
  client.send(get(origin.port).repeat(3));
  for (let i = 0; i < 3; i += 1) {
    const answer = await readAnswer(client);
    t.match(answer.fields['cache-status'], /^t;hit/);
    t.equal(answer.body.length, 2000);
  }
  const old = await ask(proxy, get(origin.port, '', '1.0'));
  t.equal(old.body.length, 2000);
  t.equal(origin.asked(), 1);
  t.same(
    (await proxy.ended(5)).map(({ cache }) => cache),
    ['miss', 'hit', 'hit', 'hit', 'hit'],
  );
});

t.test('what is kept is paid for by the limit of who gets it', async (t) => {
  await using origin = await countingOrigin(300 * KIB);
  await using proxy = await startProxy(
    yamlOf({
      access: '[{ name: everything, allow: [all], cache: true, limit: slow }]',
      limits: '{ slow: { per: source, bandwidth: 1MiB/s } }',
    }),
  );
  const beganMs = performance.now();
  for (let i = 0; i < 3; i += 1) t.equal((await ask(proxy, get(origin.port))).body.length, 300 * KIB);
  t.ok(performance.now() - beganMs > 400, 'a fifth of a second goes at once');
  t.equal(origin.asked(), 1);
});

t.test('where the next tier is told who asks, only those share of whom it is told the same', async (t) => {
  const file = keyFile(t, 1);
  await using origin = await countingOrigin();
  await using second = await startTrustingTier(file);
  await using first = await startAssertingTier([second.port], file, {
    access: CACHED,
    identity:
      '{ static: { 127.0.0.1: { namespace: api, podLabels: { app: api } }, 127.0.0.2: { namespace: api, podLabels: { app: api } }, 127.0.0.3: { namespace: other, podLabels: { app: api } } } }',
  });
  const statuses: string[] = [];
  for (const from of ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']) {
    const { status, fields } = await ask(first, get(origin.port), from);
    statuses.push(`${status} ${/hit|miss/.exec(fields['cache-status'] ?? '')?.[0] ?? ''}`);
  }
  t.same(
    statuses,
    ['200 miss', '200 hit', '403 miss', '403 miss'],
    'the second tier refuses the others itself',
  );
  t.equal(origin.asked(), 1);
});

t.test('interim answers go to the client for whom the next hop is asked, 100 too', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ access: CACHED }));
  for (const version of ['1.1', '1.0']) {
    await using client = await RawClient.connect(proxy.port);
    client.send(get(origin.port, 'Host: x\r\nCache-Control: no-cache\r\n', version));
    await using far = await origin.accept();
    await far.head();
    far.send('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n');
    far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    if (version === '1.1') t.equal(await client.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
    if (version === '1.1') t.match(await client.head(), /^HTTP\/1\.1 103 .*\r\nLink: <\/a>\r\nVia: 1\.1 /);
    t.match(await client.head(), /^HTTP\/1\.1 200 /, version);
  }
});
