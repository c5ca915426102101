/** What a pod in its grace period can still do: what it has open goes on, and what it opens is a stranger's. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { readPod } from '#pods/pod.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin, httpOrigin } from '../fixtures/origin.ts';
import { type PodParts, pod, v1Pod } from '../fixtures/pods.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

const API = '127.0.4.7';
const API_POD: PodParts = { uid: 'u1', namespace: 'api', name: 'api-0', ips: [API] };
const KEYS = {
  kubernetes: '{ identity: true, apiServer: "https://127.0.0.1:9" }',
  acls: '{ api: { namespaces: [api] }, batch: { namespaces: [batch] } }',
  access: '[{ name: not-batch, deny: [batch] }, { name: api, allow: [api], onRevoke: cut }]',
};

t.test('a pod that is being deleted opens nothing any more, and its tunnels go on', async (t) => {
  await using origin = await echoOrigin();
  const directory = new PodDirectory({ patienceMs: 1 });
  t.teardown(() => directory.clear());
  await using proxy = await startProxy(yamlOf(KEYS), { pods: directory });
  directory.take({ isAll: true, changes: [pod(API_POD)], ageMs: 0 });
  await using client = await RawClient.connect(proxy.port, { from: API });
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  await using web = await httpOrigin((_request, response) => void response.end('hello'));
  await using kept = await RawClient.connect(proxy.port, { from: API });
  const get = `GET http://origin.example:${web.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`;
  kept.send(get);
  t.match(await kept.head(), /^HTTP\/1\.1 200 /);
  await kept.expect('hello');
  const deleted = readPod(v1Pod({ ...API_POD, isTerminating: true }));
  directory.take({ isAll: false, changes: [deleted as string], ageMs: 0 });
  await using late = await RawClient.connect(proxy.port, { from: API });
  t.match(await late.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 403 /);
  kept.send(get);
  t.match(await kept.head(), /^HTTP\/1\.1 403 /, 'nor on a connection that it has kept');
  await proxy.proxy.adopt(await parseConfig(yamlOf(KEYS)));
  client.send('last words');
  await client.expect('last words');
  const refused = (await proxy.ended(3)).filter(({ outcome }) => outcome === 'denied');
  t.match(refused, [
    { rule: 'not-batch', namespace: undefined },
    { rule: 'not-batch', namespace: undefined },
  ]);
});
