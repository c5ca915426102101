/** Counts that outlive what happens around them: a reload, and every way for a transaction to end. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { type Chance, chanceOf } from '../fixtures/chance.ts';
import { RawClient } from '../fixtures/client.ts';
import { adopt, type Keys } from '../fixtures/judged.ts';
import { WatchedStore } from '../fixtures/limits.ts';
import { LEAVINGS, MOODS, moodyOrigin, somethingFrom } from '../fixtures/moody-origin.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { eventually, within } from '../fixtures/within.ts';

function limited(limit: string, rest: Keys = {}): Keys {
  return { limits: `{ few: ${limit} }`, access: '[{ name: some, allow: [all], limit: few }]', ...rest };
}

async function ask(proxy: TestProxy, port: number): Promise<RawClient> {
  const client = await RawClient.connect(proxy.port);
  client.send(`CONNECT origin.example:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return client;
}

async function statusOf(client: RawClient): Promise<number> {
  return Number((await client.head()).split(' ')[1]);
}

t.test('a reload keeps the counts of a limit whose settings are the same, and no others', async (t) => {
  await using origin = await rawOrigin();
  const both = '{ per: source, requests: 2/h, burst: 3, tunnels: 2 }';
  await using proxy = await startProxy(yamlOf(limited(both)));
  await using stack = new AsyncDisposableStack();
  const status = async (): Promise<number> => statusOf(stack.use(await ask(proxy, origin.port)));
  t.equal(await status(), 200);
  await adopt(proxy, limited(both, { timeouts: '{ idle: 10m }' }));
  t.equal(await status(), 200, 'one of two is open still');
  t.equal(await status(), 429, 'and now both');
  await adopt(proxy, limited('{ requests: 2/h, burst: 3, tunnels: 2, per: source }'));
  t.equal(await status(), 429, 'however it is written');
  const records = proxy.records.filter(({ event }) => event === 'end');
  t.same(
    records.map(({ reason }) => reason),
    ['tunnels_exceeded', 'requests_exceeded'],
  );
  await adopt(proxy, limited('{ per: source, tunnels: 3 }'));
  const statuses = [await status(), await status(), await status(), await status()];
  t.same(statuses, [200, 200, 200, 429], 'other settings begin anew');
  proxy.proxy.context.drain.cutAll();
  await proxy.ended(8);
  t.equal(await status(), 200);
});

const CLIENTS = 150;
const AT_A_TIME = 15;
const KEYS: Keys = {
  access: '[{ name: some, allow: [all], limit: few, upgrade: [websocket] }]',
  dns: '{ hostsFile: none, servers: ["127.0.0.1:9"], timeout: 50ms, hosts: { origin.example: 127.0.0.1 } }',
};

interface Ports {
  readonly origin: number;
  readonly closed: number;
}

const LIMITS: Readonly<Record<string, string>> = {
  'all that there is':
    '{ per: source, requests: 1000/s, burst: 1000, tunnels: 2, bandwidth: 2MiB/s, bytesPerDay: 1TiB }',
  'tunnels alone': '{ per: rule, tunnels: 3 }',
  'few requests': '{ per: global, requests: 150/s, burst: 20, tunnels: 4 }',
};

/** One request of any kind that counts. */
function requestOf(chance: Chance, { origin, closed }: Ports): string {
  const mood = chance.pick(Object.keys(MOODS));
  const host = chance.pick([
    `origin.example:${origin}`,
    `origin.example:${origin}`,
    `origin.example:${closed}`,
  ]);
  const body = 'b'.repeat(chance.below(2000));
  const fields = 'HTTP/1.1\r\nHost: x\r\n';
  return chance.pick([
    `CONNECT ${host} ${fields}\r\ntunnel`,
    `CONNECT ${host} ${fields}\r\n`,
    'CONNECT no.such.example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    `GET http://${host}/${mood} ${fields}\r\n`,
    `GET http://${host}/${mood} ${fields}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    `POST http://${host}/${mood} ${fields}Content-Length: ${body.length}\r\n\r\n${body}`,
    `POST http://${host}/${mood} ${fields}Content-Length: 5000\r\n\r\n${body}`,
    `POST http://${host}/${mood} ${fields}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  ]);
}

/** One client: some requests, and then it leaves in some manner, or all that is under way is cut. */
async function visit(proxy: TestProxy, chance: Chance, ports: Ports): Promise<void> {
  await using client = await RawClient.connect(proxy.port);
  for (let count = 1 + chance.below(3); count > 0; count -= 1) client.send(requestOf(chance, ports));
  if (chance.below(3) > 0) await somethingFrom(client, 'data');
  if (chance.below(20) === 0) proxy.proxy.context.drain.cutAll();
  chance.pick(LEAVINGS)(client);
}

/** More tunnels than any of them lets be open at a time. */
const CROWD = 5;

/** Tunnels that are open at the same time however slow the machine is. @returns their statuses */
async function crowd(proxy: TestProxy, port: number): Promise<number[]> {
  await using stack = new AsyncDisposableStack();
  const statuses: number[] = [];
  while (statuses.length < CROWD) statuses.push(await statusOf(stack.use(await ask(proxy, port))));
  return statuses;
}

for (const [index, [what, limit]] of Object.entries(LIMITS).entries()) {
  t.test(`whatever becomes of transactions, what they took is given back once: ${what}`, async (t) => {
    const chance = chanceOf(4711 + index);
    const store = new WatchedStore();
    await using origin = await moodyOrigin(chance);
    const ports = { origin: origin.port, closed: await closedPort() };
    await using proxy = await startProxy(yamlOf({ ...limited(limit), ...KEYS }), { limitStore: store });
    t.same(new Set(await crowd(proxy, origin.port)), new Set([200, 429]));
    let left = CLIENTS;
    const visitor = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await visit(proxy, chance, ports);
      }
    };
    await within(Promise.all(Array.from({ length: AT_A_TIME }, visitor)), () => 'all clients', 60_000);
    const { drain } = proxy.proxy.context;
    drain.cutAll();
    await eventually(() => drain.active === 0, 'all to be over');
    t.same(
      [...store.quotas].map(({ claims }) => claims),
      [0],
      'nobody counts on it any more',
    );
    t.same([store.taken, store.fewest], [0, 0], 'no tunnel is taken, and none was ever given back twice');
    t.ok(store.most > 1, `as many as ${store.most} were taken at a time`);
    const outcomes = new Set(proxy.records.map(({ outcome }) => outcome));
    for (const outcome of ['completed', 'failed', 'limited', 'client_gone'] as const)
      t.ok(outcomes.has(outcome), `some were ${outcome}`);
  });
}

const ANSWERED = { status: 429, fields: { 'retry-after': /^\d+$/ } };

t.test('429 for a request with a body: it is read, and the connection goes on', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(limited('{ per: source, requests: 1/h, burst: 1 }')));
  await using first = await ask(proxy, origin.port);
  t.equal(await statusOf(first), 200);
  await using client = await RawClient.connect(proxy.port);
  const url = `http://origin.example:${origin.port}/`;
  const body = 'b'.repeat(100_000);
  client.send(`POST ${url} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  t.match(await readAnswer(client), ANSWERED);
  client.send(`GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(3));
  for (let count = 0; count < 3; count += 1) t.match(await readAnswer(client), ANSWERED, 'sent ahead');
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  client.send(`GET ${url} HTTP/1.1\r\nHost: x\r\n${upgrade}`);
  t.match(await readAnswer(client), ANSWERED, 'asked to switch');
  t.equal(origin.accepted, 1, 'none of them is passed on');
  first.reset();
  await proxy.ended(6);
});
