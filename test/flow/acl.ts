/** Every ACL matcher end to end: what passes reaches its origin, what does not is refused by the rule named in the answer. */
import t, { type Test } from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin, type Origin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

type Keys = Readonly<Record<string, string>>;

interface Asked {
  readonly target: string;
  readonly from?: string;
  /** `CONNECT` if absent. */
  readonly method?: string;
  readonly port?: number;
}

/** Status line of the answer, and nothing left open. */
async function ask(
  proxy: TestProxy,
  { target, from = '127.0.0.1', method = 'CONNECT', port }: Asked,
): Promise<string> {
  await using client = await RawClient.connect(port ?? proxy.port, { from });
  const asked = method === 'CONNECT' ? target : `http://${target}/`;
  client.send(`${method} ${asked} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const head = await client.head();
  client.end();
  return head.split('\r\n')[0] ?? '';
}

const PASSED = 'HTTP/1.1 200 Connection established';
const DEFAULT = 'HTTP/1.1 403 Denied by t, no rule allows it';
const denied = (rule: string): string => `HTTP/1.1 403 Denied by t rule ${rule}`;

/** Declares a test with an echo origin, whose port is PORT in `keys`. */
function scene(
  title: string,
  keys: Keys,
  play: (t: Test, proxy: TestProxy, origin: Origin) => Promise<void>,
): void {
  t.test(title, async (t) => {
    await using origin = await echoOrigin();
    const filled = Object.entries(keys).map(([key, value]) => [
      key,
      value.replaceAll('PORT', `${origin.port}`),
    ]);
    await using proxy = await startProxy(yamlOf(Object.fromEntries(filled)));
    await play(t, proxy, origin);
  });
}

const HOSTS =
  '{ hostsFile: none, hosts: { a.example: 127.0.0.1, x.a.example: 127.0.0.1, y.x.a.example: 127.0.0.1, ba.example: 127.0.0.1 } }';

scene(
  'src is the address of the TCP connection',
  { acls: '{ near: { src: [127.0.0.2, 127.1.0.0/16] } }', access: '[{ name: near, allow: [near] }]' },
  async (t, proxy, { port }) => {
    const target = `origin.example:${port}`;
    t.equal(await ask(proxy, { target, from: '127.0.0.2' }), PASSED);
    t.equal(await ask(proxy, { target, from: '127.1.2.3' }), PASSED);
    t.equal(await ask(proxy, { target, from: '127.0.0.3' }), DEFAULT);
    const records = await proxy.ended(3);
    t.match(records.map(({ clientIp, outcome }) => `${clientIp} ${outcome}`).sort(), [
      '127.0.0.2 completed',
      '127.0.0.3 denied',
      '127.1.2.3 completed',
    ]);
  },
);

scene(
  'dstDomains knows a name, a name with all below, and only what is below',
  {
    dns: HOSTS,
    acls: '{ exact: { dstDomains: [a.example] }, all_below: { dstDomains: [.x.a.example] }, below: { dstDomains: ["*.a.example"] } }',
    access:
      '[{ name: exact, deny: [exact] }, { name: all-below, deny: [all_below] }, { name: below, deny: [below] }]',
  },
  async (t, proxy) => {
    t.equal(await ask(proxy, { target: 'a.example:1' }), denied('exact'));
    t.equal(await ask(proxy, { target: 'A.Example.:1' }), denied('exact'), 'in its canonical form');
    t.equal(await ask(proxy, { target: 'x.a.example:1' }), denied('all-below'));
    t.equal(await ask(proxy, { target: 'y.x.a.example:1' }), denied('all-below'));
    t.equal(await ask(proxy, { target: 'z.a.example:1' }), denied('below'));
    t.equal(await ask(proxy, { target: 'ba.example:1' }), DEFAULT, 'labels, not endings of text');
    t.equal(
      await ask(proxy, { target: '127.0.0.1:1' }),
      denied('exact'),
      'an address has no name: unknown, so a deny holds',
    );
  },
);

scene(
  'an address does not pass where names are asked for',
  {
    acls: '{ a: { dstDomains: [a.example] } }',
    access: '[{ name: no, deny: ["!a"] }, { name: yes, allow: [all] }]',
    dns: HOSTS,
  },
  async (t, proxy, { port }) => {
    t.equal(await ask(proxy, { target: `a.example:${port}` }), PASSED);
    t.equal(await ask(proxy, { target: `127.0.0.1:${port}` }), denied('no'));
    t.equal(await ask(proxy, { target: `[::ffff:127.0.0.1]:${port}` }), denied('no'));
  },
);

scene(
  'ports and methods',
  {
    acls: '{ port: { ports: [PORT, 1-3] }, connect: { methods: [CONNECT] } }',
    access: '[{ name: port, deny: ["!port"] }, { name: tunnels, allow: [connect] }]',
  },
  async (t, proxy, { port }) => {
    t.equal(await ask(proxy, { target: `origin.example:${port}` }), PASSED);
    t.equal(await ask(proxy, { target: 'origin.example:4' }), denied('port'));
    t.equal(await ask(proxy, { target: 'origin.example:2', method: 'GET' }), DEFAULT);
    t.equal(
      await ask(proxy, { target: 'origin.example', method: 'GET' }),
      denied('port'),
      '80 for want of one',
    );
  },
);

scene(
  'listeners tell clients apart by the door they come in',
  {
    listeners: '[{ name: one, address: 127.0.0.1:0 }, { name: two, address: 127.0.0.1:0 }]',
    acls: '{ one: { listeners: [one] } }',
    access: '[{ name: door, allow: [one] }]',
  },
  async (t, proxy, { port }) => {
    const [one, two] = proxy.proxy.listeners.all.map(({ address }) => address.port);
    const target = `origin.example:${port}`;
    t.equal(await ask(proxy, { target, ...(one && { port: one }) }), PASSED);
    t.equal(await ask(proxy, { target, ...(two && { port: two }) }), DEFAULT);
    t.match((await proxy.ended(2)).map(({ listener }) => listener).sort(), ['one', 'two']);
  },
);

/** `HH:MM` in UTC, so many minutes from now. */
function clock(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
}

scene(
  'time is when the request is judged',
  {
    acls: `{ now: { time: { hours: "${clock(-60)}-${clock(60)}" } }, later: { time: { hours: "${clock(60)}-${clock(120)}" } }, shanghai: { time: { hours: "${clock(-60)}-${clock(60)}", timeZone: Asia/Shanghai } } }`,
    access:
      '[{ name: later, deny: [later] }, { name: elsewhere, deny: [shanghai] }, { name: closed, deny: ["!now"] }, { name: open, allow: [now] }]',
  },
  async (t, proxy, { port }) => {
    t.equal(await ask(proxy, { target: `origin.example:${port}` }), PASSED);
  },
);

scene(
  'the first rule that matches decides, all its ACLs together, a bang negates',
  {
    acls: '{ a: { dstDomains: [a.example] }, port: { ports: [PORT] }, near: { src: [127.0.0.2] } }',
    access:
      '[{ name: both, deny: [a, near] }, { name: neither, deny: ["!a", "!near"] }, { name: port, allow: [port] }, { name: late, deny: [port] }]',
    dns: HOSTS,
  },
  async (t, proxy, { port }) => {
    const ask2 = (target: string, from: string): Promise<string> => ask(proxy, { target, from });
    t.equal(await ask2(`a.example:${port}`, '127.0.0.2'), denied('both'));
    t.equal(await ask2(`ba.example:${port}`, '127.0.0.1'), denied('neither'));
    t.equal(await ask2(`a.example:${port}`, '127.0.0.1'), PASSED);
    t.equal(await ask2(`ba.example:${port}`, '127.0.0.2'), PASSED);
    t.equal(await ask2('a.example:9', '127.0.0.1'), DEFAULT);
    t.match((await proxy.ended(5)).map(({ rule }) => rule ?? 'none').sort(), [
      'both',
      'neither',
      'none',
      'port',
      'port',
    ]);
  },
);

// Attacks: same-address.
t.test('dst is judged for each address, and only those allowed are dialled', async (t) => {
  await using allowed = await rawOrigin('127.0.0.2', await freePort());
  await using forbidden = await rawOrigin('127.0.0.1', allowed.port);
  await using proxy = await startProxy(
    yamlOf({
      dns: '{ hostsFile: none, hosts: { both.example: [127.0.0.1, 127.0.0.2], bad.example: [127.0.0.1, 127.0.0.3] } }',
      acls: '{ good: { dst: [127.0.0.2] } }',
      access: '[{ name: good, allow: [good] }]',
    }),
  );
  for (const method of ['CONNECT', 'GET']) {
    await using client = await RawClient.connect(proxy.port);
    const target = `both.example:${allowed.port}`;
    client.send(`${method} ${method === 'GET' ? `http://${target}/` : target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await allowed.accept();
    if (method === 'GET') far.send('HTTP/1.1 204 No Content\r\n\r\n');
    t.match(await client.head(), /^HTTP\/1\.1 20/);
    client.end();
    far.end();
  }
  t.equal(await ask(proxy, { target: `bad.example:${allowed.port}` }), DEFAULT);
  t.equal(await ask(proxy, { target: `127.0.0.1:${allowed.port}` }), DEFAULT);
  await allowed[Symbol.asyncDispose]();
  t.match(await ask(proxy, { target: `both.example:${allowed.port}` }), 'HTTP/1.1 502 Target refused');
  t.equal(forbidden.accepted, 0);
  const records = await proxy.ended(5);
  t.match(records.slice(0, 2), [{ upstreamIp: '127.0.0.2', rule: 'good' }, { upstreamIp: '127.0.0.2' }]);
});

scene(
  'a name is not resolved for a client that no rule could allow',
  {
    acls: '{ near: { src: [127.0.0.2] }, good: { dst: [127.0.0.1] } }',
    access: '[{ name: good, allow: [near, good] }]',
  },
  async (t, proxy) => {
    t.equal(await ask(proxy, { target: 'nowhere.example:443' }), DEFAULT, 'and not a DNS error');
    t.match(
      await ask(proxy, { target: 'nowhere.example:443', from: '127.0.0.2' }),
      'HTTP/1.1 502 Name cannot be resolved',
    );
    const [first, second] = await proxy.ended(2);
    t.equal(first?.dnsMs, undefined);
    t.match(second, { reason: 'dns_error', rule: undefined });
    t.type(second?.dnsMs, 'number');
  },
);
