/** When clients hold as many connections as this process can have: the silent make room, and who is being served is not touched. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import type { Evictor } from '#proxy/crowd.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import { allRead, startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { until } from '../fixtures/sockets.ts';

const BUDGET = { clients: 4, idle: 2 };

function connectAll(proxy: TestProxy, count: number): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => RawClient.connect(proxy.port)));
}

// Attacks: bounded.
t.test('the connection that is silent for longest makes room for a new one', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yamlOf(), { budget: BUDGET });
  await using oldest = await RawClient.connect(proxy.port);
  await allRead(proxy);
  const others = await connectAll(proxy, 3);
  await using client = await RawClient.connect(proxy.port);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  t.equal(await oldest.rest(), '');
  for (const one of others) t.equal(one.ending, 'open');
  client.end();
  await client.closed();
  for (const one of others) one.socket.destroy();
  t.match(await proxy.ended(2), [{ status: 400 }, { outcome: 'completed' }]);
  t.equal(proxy.refusedConnections, 0);
});

// Attacks: bounded.
t.test(
  'where none is silent, the head that has been coming for longest makes room, with an answer',
  async (t) => {
    await using proxy = await startProxy(yamlOf(), { budget: BUDGET });
    const slow: RawClient[] = [];
    for (let i = 0; i < 4; i += 1) {
      const one = await RawClient.connect(proxy.port);
      one.send('GET http://a.example/ HT');
      slow.push(one);
      if (i < 3) await allRead(proxy);
    }
    await using silent = await RawClient.connect(proxy.port);
    const [first, ...others] = slow;
    const answer = await readAnswer(first as RawClient);
    t.equal(answer.first, 'HTTP/1.1 503 Out of connections (t)');
    for (const one of [...others, silent]) t.equal(one.ending, 'open');
    const records = await proxy.ended(4);
    t.match(records[3], { outcome: 'failed', reason: 'saturated', status: 503 });
    t.equal(proxy.refusedConnections, 0);
    for (const one of slow) one.socket.destroy();
  },
);

// Attacks: bounded.
t.test('where all are being served a new one is refused, and nobody else harmed', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yamlOf(), { budget: BUDGET });
  const tunnels = await connectAll(proxy, 4);
  for (const one of tunnels) await one.tunnel(`origin.example:${origin.port}`);
  await using refused = await RawClient.connect(proxy.port);
  t.equal(await refused.rest(), '');
  t.equal(proxy.refusedConnections, 1);
  t.same(
    proxy.records.filter(({ event }) => event === 'end'),
    [],
    'a connection without a byte is no transaction',
  );
  for (const [index, one] of tunnels.entries()) {
    one.send(`still here ${index}`);
    await one.expect(`still here ${index}`);
  }
  tunnels[0]?.end();
  await tunnels[0]?.closed();
  await proxy.ended(1);
  await using next = await RawClient.connect(proxy.port);
  t.match(await next.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /, 'room again');
  for (const one of [...tunnels.slice(1), next]) one.end();
  await proxy.ended(5);
});

const MAIN = '{ name: main, address: 127.0.0.1:0 }';
const SECOND = '{ name: second, address: 127.0.0.1:0 }';

/** Those that join the crowd from now on, and have not left it. */
function newcomers({ proxy }: TestProxy): ReadonlySet<Evictor> {
  const { crowd } = proxy.context;
  const { join, leave } = crowd;
  const inside = new Set<Evictor>();
  crowd.join = (evictor) => {
    inside.add(evictor);
    join.call(crowd, evictor);
  };
  crowd.leave = (evictor) => {
    inside.delete(evictor);
    leave.call(crowd, evictor);
  };
  return inside;
}

t.test('a listener that a reload closes is asked for room until its last connection is gone', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yamlOf({ listeners: `[${MAIN}]` }));
  const inside = newcomers(proxy);
  await proxy.proxy.adopt(await parseConfig(yamlOf({ listeners: `[${MAIN}, ${SECOND}]` })));
  t.equal(inside.size, 1);
  const port = proxy.proxy.listeners.all[1]?.address.port ?? 0;
  await using client = await RawClient.connect(port);
  await client.tunnel(`origin.example:${origin.port}`);
  await proxy.proxy.adopt(await parseConfig(yamlOf({ listeners: `[${MAIN}]` })));
  t.equal(inside.size, 1, 'it is closed, and has a connection');
  client.end();
  await client.closed();
  await proxy.ended(1);
  await until(() => proxy.proxy.context.tools.ledger.open('client') === 0);
  t.equal(inside.size, 0);
});

t.test('a listener that cannot be bound is asked for room no more', async (t) => {
  await using taken = await echoOrigin();
  await using proxy = await startProxy(yamlOf({ listeners: `[${MAIN}]` }));
  const inside = newcomers(proxy);
  const listeners = `[${MAIN}, ${SECOND}, { name: taken, address: 127.0.0.1:${taken.port} }]`;
  await t.rejects(proxy.proxy.adopt(await parseConfig(yamlOf({ listeners }))), {
    message: /^Cannot bind listener "taken"/,
  });
  t.equal(inside.size, 0);
});
