/**
 * A transaction keeps the configuration that it began with, whatever is put in force while it waits for others; one that
 * waits for its turn has not begun.
 */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { adopt, type Keys } from '../fixtures/judged.ts';
import { echoOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { slowNameServer } from '../fixtures/slow-name-server.ts';
import { eventually } from '../fixtures/within.ts';

/** With the policy that an open tunnel is recorded under in the end: where it may stay, the one in force. */
const CHANGES: Readonly<Record<string, readonly [keys: Keys, policy: 'before' | 'after']>> = {
  'another policy': [{ access: '[{ name: closed, deny: [all] }]' }, 'before'],
  'other name servers': [{ dns: '{ hostsFile: none, servers: [127.0.0.1:9] }' }, 'after'],
  'another guard': [{ guard: '{}' }, 'before'],
};

for (const [what, [keys, policy]] of Object.entries(CHANGES)) {
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
      { rule: 'everything', policy: { before, after }[policy] },
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
