/** `maxconn` and `delay_pools` of a real Squid, and the limits that Weir has in their place: what is the same, and what is told. */
import { performance } from 'node:perf_hooks';
import t, { type Test } from 'tap';
import type { RawClient } from '../fixtures/client.ts';
import { tcpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { type Asked, emptyOrigin, send, startPair, statusOf } from '../fixtures/squid-pair.ts';
import { needTool } from '../fixtures/tools.ts';
import { eventually } from '../fixtures/within.ts';

const FROM = '127.0.0.1';

async function opened(t: Test, port: number, request: Asked): Promise<RawClient> {
  const client = owned(t, await send(port, request));
  t.match(await client.head(), /^HTTP\/1\.[01] 200 /, `a tunnel from ${request.from}`);
  return client;
}

t.test('maxconn: so many tunnels of one client, and no more', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const { port } = await emptyOrigin(t);
  const lines = ['acl many maxconn 2', 'http_access deny many', 'http_access allow all'];
  const { squid, weir, imported } = await startPair(t, program, lines);
  const tunnel = { method: 'CONNECT', host: 'a.example', port, from: FROM } as const;
  for (const { name, at, refusal, plain } of [
    { name: 'Squid', at: squid.port, refusal: '403', plain: '403' },
    { name: 'Weir', at: weir.port, refusal: '429', plain: '200' },
  ]) {
    const first = await opened(t, at, tunnel);
    await opened(t, at, tunnel);
    t.equal(await statusOf(at, tunnel), refusal, `${name} refuses the third`);
    t.equal(await statusOf(at, { ...tunnel, from: '127.0.0.2' }), '200', 'but not that of another client');
    t.equal(await statusOf(at, { ...tunnel, method: 'GET' }), plain, `plain HTTP beside it, by ${name}`);
    await first[Symbol.asyncDispose]();
    await eventually(async () => (await statusOf(at, tunnel)) === '200', `${name} to let another one in`);
  }
  const told = imported.findings
    .map(({ line, verdict, message }) => `${line} ${verdict} ${message}`)
    .join('\n');
  t.match(told, /^3 changed No rule, but limit "connections-2".* answers 429 .*plain HTTP is not limited/m);
});

const [RATE, BYTES] = [64_000, 192_000];

/** Seconds that the whole answer takes. */
async function secondsOf(t: Test, port: number, request: Asked): Promise<number> {
  const start = performance.now();
  await using client = await send(port, request);
  const text = await client.rest();
  t.ok(text.length > BYTES, 'the answer is whole');
  return (performance.now() - start) / 1000;
}

t.test('delay_pools: about the same rate', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const origin = await tcpOrigin((socket) => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${BYTES}\r\nConnection: close\r\n\r\n`;
    socket.once('data', () => socket.end(head + 'x'.repeat(BYTES)));
  }, '0.0.0.0');
  const { port } = owned(t, origin);
  const { squid, weir } = await startPair(t, program, [
    'acl slow dstdomain -n a.example',
    'http_access allow all',
    'delay_pools 1',
    'delay_class 1 1',
    `delay_parameters 1 ${RATE}/${RATE}`,
    'delay_access 1 allow slow',
    'delay_access 1 deny all',
  ]);
  const slow = { method: 'GET', host: 'a.example', port } as const;
  // Squid has a bucket of up to a second saved up.
  const least = BYTES / RATE - 1;
  for (const [name, at] of [
    ['Squid', squid.port],
    ['Weir', weir.port],
  ] as const) {
    const seconds = await secondsOf(t, at, slow);
    t.ok(seconds > 0.9 * least, `${name} holds back: ${seconds.toFixed(2)} s`);
    t.ok(seconds < 3 * (least + 1), 'and not for ever');
    const free = await secondsOf(t, at, { ...slow, host: 'b.example' });
    t.ok(free < seconds / 2, `and not what the pool does not take: ${free.toFixed(2)} s`);
  }
});
