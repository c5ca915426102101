/** Who gets what is kept: whose own request is allowed, by the same rule and over the same route, and nobody else. */
import t, { type Test } from 'tap';
import { parseConfig } from '#config/load.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin, type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const KEPT = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: 4\r\n\r\nkept';
const ACLS =
  '{ one: { src: [127.0.0.1] }, two: { src: [127.0.0.2] }, three: { src: [127.0.0.3] }, reads: { methods: [GET] } }';

interface Stage {
  readonly origin: RawOrigin;
  readonly proxy: TestProxy;
  /** Status of what a client from this address gets, and what the cache did. */
  get(from: string, method?: string): Promise<string>;
  /** The same, where the origin has to answer. */
  fetch(from: string, method?: string): Promise<string>;
}

function stage(
  title: string,
  keys: Readonly<Record<string, string>>,
  play: (t: Test, stage: Stage) => Promise<void>,
): void {
  t.test(title, async (t) => {
    await using origin = await rawOrigin();
    await using proxy = await startProxy(yamlOf({ acls: ACLS, ...keys }));
    const ask = async (from: string, method: string, isFetched: boolean): Promise<string> => {
      await using client = await RawClient.connect(proxy.port, { from });
      const before = proxy.records.length;
      client.send(`${method} http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      if (isFetched) {
        const far = await origin.accept();
        await far.head();
        far.send(KEPT);
        far.end();
      }
      const { status } = await readAnswer(client);
      const record = (await proxy.ended(before + 1)).at(-1);
      return `${status} ${record?.cache ?? 'without cache'}`;
    };
    await play(t, {
      origin,
      proxy,
      get: (from, method = 'GET') => ask(from, method, false),
      fetch: (from, method = 'GET') => ask(from, method, true),
    });
  });
}

// Attacks: default-deny.
stage(
  'a client that no rule allows gets nothing of what is kept for others',
  { access: '[{ name: a, allow: [one], cache: true }]' },
  async (t, { get, fetch }) => {
    t.equal(await fetch('127.0.0.1'), '200 miss');
    t.equal(await get('127.0.0.1'), '200 hit');
    t.equal(await get('127.0.0.2'), '403 without cache');
  },
);

stage(
  'clients of another rule fetch for themselves, and clients of a rule without a cache always',
  {
    access:
      '[{ name: a, allow: [one], cache: true }, { name: b, allow: [two], cache: true }, { name: c, allow: [three] }]',
  },
  async (t, { get, fetch }) => {
    t.equal(await fetch('127.0.0.1'), '200 miss');
    t.equal(await fetch('127.0.0.2'), '200 miss');
    t.equal(await get('127.0.0.1'), '200 hit');
    t.equal(await get('127.0.0.2'), '200 hit');
    t.equal(await fetch('127.0.0.3'), '200 without cache');
  },
);

stage(
  'clients whose way out is another fetch for themselves',
  {
    access: '[{ name: a, allow: [all], cache: true }]',
    routes: '[{ name: first, when: [one], direct: true }, { name: second, direct: true }]',
  },
  async (t, { get, fetch }) => {
    t.equal(await fetch('127.0.0.1'), '200 miss');
    t.equal(await fetch('127.0.0.2'), '200 miss');
    t.equal(await get('127.0.0.3'), '200 hit');
  },
);

// Attacks: same-address.
stage(
  'what is kept is of no use where the guard would refuse the address now',
  { access: '[{ name: a, allow: [all], cache: true }]' },
  async (t, { proxy, get, fetch }) => {
    t.equal(await fetch('127.0.0.1'), '200 miss');
    const keys = { access: '[{ name: a, allow: [all], cache: true }]', guard: '{ deny: [127.0.0.0/8] }' };
    await proxy.proxy.adopt(await parseConfig(yamlOf({ acls: ACLS, ...keys }), {}));
    t.equal(await get('127.0.0.1'), '403 without cache', 'which has not been asked');
  },
);

t.test('what the guard refuses of a name is noted once, whoever asks the next hop for it', async (t) => {
  await using origin = await httpOrigin((_, response) => response.end('body'));
  const hosts = '{ hostsFile: none, hosts: { mixed.example: [127.0.0.66, 127.0.0.1] } }';
  const access = '[{ name: a, allow: [all], cache: true }]';
  await using proxy = await startProxy(
    yamlOf({ access, dns: hosts, guard: '{ deny: [127.0.0.66], allow: [127.0.0.0/8] }' }),
  );
  for (const [index, method] of ['HEAD', 'GET', 'OPTIONS'].entries()) {
    await using client = await RawClient.connect(proxy.port);
    client.send(`${method} http://mixed.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    t.equal((await readAnswer(client, { bodyless: method === 'HEAD' })).status, 200, method);
    const record = (await proxy.ended(index + 1)).at(-1);
    t.strictSame(record?.answers?.refused, ['127.0.0.66 (guard.deny)'], method);
  }
});

stage(
  'an unsafe request by another rule takes out what it may have changed',
  { access: '[{ name: reads, allow: [reads], cache: true }, { name: writes, allow: [all] }]' },
  async (t, { get, fetch }) => {
    t.equal(await fetch('127.0.0.1'), '200 miss');
    t.equal(await get('127.0.0.1'), '200 hit');
    t.equal(await fetch('127.0.0.1', 'DELETE'), '200 without cache');
    t.equal(await fetch('127.0.0.1'), '200 miss');
  },
);
