/** A transaction keeps the configuration that it began with, whatever is put in force while it waits. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { RawClient } from '../fixtures/client.ts';
import { startDnsServer } from '../fixtures/dns-server.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

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
