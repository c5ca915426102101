/**
 * A transaction keeps the configuration that it began with, whatever is put in force while it waits for others; one that
 * waits for its turn has not begun.
 */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { startDnsServer } from '../fixtures/dns-server.ts';
import { echoOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { eventually } from '../fixtures/within.ts';

/** A name server that answers only when it is told to. */
async function slowNameServer() {
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const server = await startDnsServer(async ({ type }) => {
    asked.resolve();
    await told.promise;
    return type === 'A' ? { addresses: ['127.0.0.1'], ttl: 60 } : {};
  });
  return {
    ...server,
    asked: asked.promise,
    answer: told.resolve,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function adopt(proxy: TestProxy, keys: Readonly<Record<string, string>>): Promise<string> {
  const config = await parseConfig(yamlOf(keys));
  await proxy.proxy.adopt(config);
  return config.hash;
}

const CHANGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'another policy': { access: '[{ name: closed, deny: [all] }]' },
  'other name servers': { dns: '{ hostsFile: none, servers: [127.0.0.1:9] }' },
  'another guard': { guard: '{}' },
};

for (const [what, keys] of Object.entries(CHANGES)) {
  t.test(`${what}, put in force while a name is resolved, is for the next one`, async (t) => {
    await using server = await slowNameServer();
    await using origin = await echoOrigin();
    const dns = `{ hostsFile: none, servers: ["${server.address}"] }`;
    await using proxy = await startProxy(yamlOf({ dns }));
    const before = proxy.proxy.context.generation.policy.hash;
    await using first = await RawClient.connect(proxy.port);
    const answer = first.tunnel(`slow.example:${origin.port}`);
    await server.asked;
    const after = await adopt(proxy, { dns, ...keys });
    await using second = await RawClient.connect(proxy.port);
    const refused = second.tunnel(`slow.example:${origin.port}`);
    server.answer();
    t.match(await answer, /^HTTP\/1\.1 200 /);
    t.notMatch(await refused, /^HTTP\/1\.1 200 /);
    first.end();
    await first.rest();
    const records = await proxy.ended(2);
    t.match(
      records.find(({ status }) => status === 200),
      { rule: 'everything', policy: before },
    );
    t.match(
      records.find(({ status }) => status !== 200),
      { policy: after },
    );
  });
}

t.test('a request sent ahead is judged by what is in force when its turn comes', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const get = `GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`;
  client.send(get + get);
  const far = await origin.accept();
  await far.head();
  const before = proxy.proxy.context.generation.policy.hash;
  await eventually(() => proxy.proxy.context.drain.active === 2, 'both to be read');
  const after = await adopt(proxy, { access: '[{ name: closed, deny: [all] }]' });
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.match(await readAnswer(client), { first: 'HTTP/1.1 200 OK' });
  t.match(await readAnswer(client), { first: 'HTTP/1.1 403 Denied by t rule closed' });
  t.match(await proxy.ended(2), [
    { status: 200, policy: before },
    { status: 403, policy: after },
  ]);
  t.equal(origin.accepted, 1);
});
