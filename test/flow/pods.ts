/** Who asks, by the pods of a cluster: loopback addresses are the pods', a stand-in for an API server tells of them. */
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { parseConfig } from '#config/load.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import type { RecordEntry } from '#record/entry.ts';
import { ApiServer } from '../fixtures/api-server.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { Watching } from '../fixtures/pod-watch.ts';
import { type PodParts, pod, v1Pod } from '../fixtures/pods.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const API = '127.0.4.7';
const OTHER = '127.0.4.8';
const API_POD: PodParts = { uid: 'u1', namespace: 'api', name: 'api-0', labels: { app: 'api' }, ips: [API] };

const KEYS = {
  kubernetes: '{ identity: true, apiServer: "https://127.0.0.1:9" }',
  acls: '{ api: { namespaces: [api], podLabels: { app: api } }, batch: { namespaces: [batch] } }',
  access: '[{ name: not-batch, deny: [batch] }, { name: api, allow: [api], onRevoke: cut }]',
};

/** Status of a CONNECT from an address; a tunnel is broken off. */
async function statusOf({ port }: TestProxy, from: string, originPort: number): Promise<number> {
  await using client = await RawClient.connect(port, { from });
  const status = Number((await client.tunnel(`origin.example:${originPort}`)).split(' ')[1]);
  if (status === 200) client.reset();
  return status;
}

/** Final records, by the client's address. */
async function byAddress(proxy: TestProxy, count: number): Promise<readonly RecordEntry[]> {
  return (await proxy.ended(count)).toSorted((a, b) => (a.clientIp < b.clientIp ? -1 : 1));
}

interface Stage {
  readonly proxy: TestProxy;
  readonly directory: PodDirectory;
  /** Status of a CONNECT from an address. */
  readonly statusFrom: (address: string) => Promise<number>;
}

/** Declares a test of a proxy that knows pods. */
function knowing(
  title: string,
  play: (t: Test, stage: Stage) => Promise<void>,
  keys: Readonly<Record<string, string>> = {},
): void {
  t.test(title, async (t) => {
    await using origin = await rawOrigin();
    const directory = new PodDirectory({ patienceMs: 50 });
    t.teardown(() => directory.clear());
    await using proxy = await startProxy(yamlOf({ ...KEYS, ...keys }), { pods: directory });
    const statusFrom = (address: string): Promise<number> => statusOf(proxy, address, origin.port);
    await play(t, { proxy, directory, statusFrom });
  });
}

function tell(directory: PodDirectory, ...changes: readonly (PodParts | string)[]): void {
  const pods = changes.map((change) => (typeof change === 'string' ? change : pod(change)));
  directory.take({ isAll: false, changes: pods, ageMs: 0 });
}

knowing(
  'a pod is known by its address, and its record names it',
  async (t, { proxy, directory, statusFrom }) => {
    tell(directory, API_POD, { uid: 'u2', namespace: 'batch', name: 'job-0', ips: [OTHER] });
    t.equal(await statusFrom(API), 200);
    t.equal(await statusFrom(OTHER), 403);
    t.match(await byAddress(proxy, 2), [
      { namespace: 'api', pod: 'api-0', podUid: 'u1', serviceAccount: 'builder', rule: 'api' },
      { namespace: 'batch', pod: 'job-0', rule: 'not-batch' },
    ]);
    t.same(proxy.unknownClients, []);
  },
);

knowing('a stranger passes nowhere, and a deny rule holds for it', async (t, { proxy, statusFrom }) => {
  t.equal(await statusFrom(API), 403);
  t.match(await proxy.ended(1), [{ namespace: undefined, pod: undefined, rule: 'not-batch' }]);
  t.same(proxy.unknownClients, [true]);
});

t.test('a pod that is quicker than the news of it waits for them', async (t) => {
  const directory = new PodDirectory({ patienceMs: 1_000_000 });
  t.teardown(() => directory.clear());
  await using proxy = await startProxy(yamlOf(KEYS), { pods: directory });
  await using client = await RawClient.connect(proxy.port, { from: API });
  client.send('CONNECT origin.example:1 HTTP/1.1\r\nHost: x\r\n\r\n');
  await using plain = await RawClient.connect(proxy.port, { from: API });
  plain.send('GET http://origin.example:1/ HTTP/1.1\r\nHost: x\r\n\r\n');
  while (proxy.proxy.context.drain.active < 2) await turn();
  t.same(proxy.records, []);
  tell(directory, API_POD);
  t.match(await client.rest(), /^HTTP\/1\.1 502 /, 'it was let through, to where nobody is');
  t.match(await proxy.ended(2), [
    { namespace: 'api', rule: 'api' },
    { namespace: 'api', rule: 'api' },
  ]);
  await using gone = await RawClient.connect(proxy.port, { from: OTHER });
  gone.send('CONNECT origin.example:1 HTTP/1.1\r\nHost: x\r\n\r\n');
  while (proxy.proxy.context.drain.active < 1) await turn();
  gone.reset();
  t.match((await proxy.ended(3)).at(-1), { outcome: 'client_gone' });
  tell(directory, { uid: 'u9', ips: [OTHER] });
});

knowing(
  'what the operator has written counts more than what the cluster says',
  async (t, { proxy, directory, statusFrom }) => {
    tell(directory, { ...API_POD, namespace: 'batch' }, { uid: 'u2', namespace: 'batch', ips: [OTHER] });
    t.equal(await statusFrom(API), 200);
    t.equal(await statusFrom(OTHER), 403);
    t.match(await byAddress(proxy, 2), [{ pod: 'listed' }, { namespace: 'batch' }]);
  },
  { identity: `{ static: { ${API}: { namespace: api, pod: listed, podLabels: { app: api } } } }` },
);

knowing('a client with the address of a node is known by the node alone', async (t, stage) => {
  const { proxy, directory, statusFrom } = stage;
  tell(directory, {
    uid: 'u1',
    namespace: 'api',
    ips: [API],
    isHostNetwork: true,
    node: 'n1',
    nodeIps: [API],
  });
  t.equal(await statusFrom(API), 403);
  t.match(await proxy.ended(1), [{ pod: 'node/n1', namespace: undefined }]);
  t.same(proxy.unknownClients, []);
});

knowing(
  'what is stale is nobody where the configuration says so',
  async (t, { proxy, directory, statusFrom }) => {
    tell(directory, API_POD);
    t.equal(await statusFrom(API), 200);
    Object.defineProperty(directory, 'isStale', { value: true });
    t.equal(await statusFrom(API), 403);
    await proxy.proxy.adopt(await parseConfig(yamlOf(KEYS)));
    t.equal(await statusFrom(API), 200);
  },
  { kubernetes: '{ identity: true, apiServer: "https://127.0.0.1:9", whenStale: unknown }' },
);

t.test('an open tunnel is judged again by its own pod, never by who has its address now', async (t) => {
  await using origin = await rawOrigin();
  const directory = new PodDirectory();
  t.teardown(() => directory.clear());
  await using proxy = await startProxy(yamlOf(KEYS), { pods: directory });
  tell(directory, API_POD);
  const adopt = async (): Promise<void> => proxy.proxy.adopt(await parseConfig(yamlOf(KEYS)));
  await using client = await RawClient.connect(proxy.port, { from: API });
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  tell(directory, 'u1', { uid: 'new', namespace: 'batch', ips: [API], started: 60 });
  await adopt();
  t.equal(proxy.proxy.context.drain.active, 1, 'the newcomer is somebody else');
  tell(directory, 'new');
  await adopt();
  t.equal(proxy.proxy.context.drain.active, 1, 'nobody there is no reason either');
  tell(directory, { ...API_POD, labels: { app: 'retired' }, started: 90 });
  await adopt();
  t.match(
    await proxy.ended(1),
    [{ outcome: 'revoked', namespace: 'api', pod: 'api-0' }],
    'its own labels are',
  );
});

t.test('a tunnel that nobody was known of stays that of nobody', async (t) => {
  await using origin = await rawOrigin();
  const directory = new PodDirectory({ patienceMs: 1 });
  t.teardown(() => directory.clear());
  const keys = { ...KEYS, access: '[{ name: everything, allow: [all] }]' };
  await using proxy = await startProxy(yamlOf(keys), { pods: directory });
  await using client = await RawClient.connect(proxy.port, { from: API });
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  tell(directory, API_POD);
  await proxy.proxy.adopt(await parseConfig(yamlOf({ ...KEYS, access: '[{ name: api, allow: [api] }]' })));
  t.equal(proxy.proxy.context.drain.active, 1, 'it drains');
  client.reset();
  t.match(await proxy.ended(1), [{ namespace: undefined }]);
});

knowing(
  'a limit per namespace counts the pods of each together, and per service account those of each',
  async (t, { proxy, directory }) => {
    const places = [
      ['127.0.5.1', 'api', 'a'],
      ['127.0.5.2', 'api', 'a'],
      ['127.0.5.3', 'batch', 'a'],
    ] as const;
    tell(
      directory,
      ...places.map(([ip, namespace, account]) => ({ uid: ip, namespace, account, ips: [ip] })),
    );
    const request = async (from: string, port: number): Promise<number> => {
      await using client = await RawClient.connect(proxy.port, { from });
      client.send(`CONNECT origin.example:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
      return Number((await client.rest()).split(' ')[1]);
    };
    for (const port of [1, 2]) {
      const statuses = [];
      for (const [from] of places) statuses.push(await request(from, port));
      t.same(statuses, [502, 429, 502], 'the second pod of a namespace has nothing left');
    }
    t.same(proxy.limitHits, ['namespaces', 'accounts']);
  },
  {
    acls: '{ one: { ports: [1] }, two: { ports: [2] } }',
    access: '[{ name: one, allow: [one], limit: namespaces }, { name: two, allow: [two], limit: accounts }]',
    limits:
      '{ namespaces: { per: namespace, requests: 1/h, burst: 1 }, accounts: { per: serviceAccount, requests: 1/h, burst: 1 } }',
  },
);

t.test('an address that is given to another pod is never taken for the first', async (t) => {
  await using api = await ApiServer.start();
  await using origin = await rawOrigin();
  api.put(v1Pod(API_POD));
  await using watching = new Watching({ server: api.url });
  const { directory } = watching;
  await using proxy = await startProxy(yamlOf(KEYS), { pods: directory });
  const statusFrom = (address: string): Promise<number> => statusOf(proxy, address, origin.port);
  await watching.until(API, 'u1');
  await api.untilWatched();
  t.equal(await statusFrom(API), 200);
  api.pieceBytes = 5;
  api.put(v1Pod({ ...API_POD, isTerminating: true }));
  api.put(v1Pod({ uid: 'new', namespace: 'batch', name: 'job-0', ips: [API], started: 60 }));
  await watching.until(API, 'new');
  t.equal(await statusFrom(API), 403);
  api.put(v1Pod({ ...API_POD, labels: { app: 'api', late: 'word' } }));
  api.remove('new');
  await watching.until(API, undefined);
  t.equal(await statusFrom(API), 403, 'nor when the other one goes');
  t.match(
    (await proxy.ended(3)).map(({ pod }) => pod),
    ['api-0', 'job-0', undefined],
  );
});
