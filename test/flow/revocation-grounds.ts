/** On what grounds an open tunnel ends: all that was asked when it was opened, and not the rules alone. */
import { join } from 'node:path';
import t from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { RawClient } from '../fixtures/client.ts';
import { adopt, type Keys, prove, tunnel } from '../fixtures/judged.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

const OPEN = '{ name: some, allow: [all], onRevoke: cut }';

/** What makes the guard refuse the address that a tunnel is connected to. */
const GUARDED: Readonly<Record<string, readonly [before: Keys, after: Keys]>> = {
  'guard.allow does not name its address any more': [{ access: `[${OPEN}]` }, { guard: '{}' }],
  'guard.deny names its address': [
    { access: `[${OPEN}]` },
    { guard: '{ allow: [127.0.0.0/8], deny: [127.0.0.1] }' },
  ],
  'allowPrivate of its rule does not': [
    { guard: '{}', access: '[{ name: some, allow: [all], allowPrivate: [127.0.0.1], onRevoke: cut }]' },
    { guard: '{}', access: `[${OPEN}]` },
  ],
};

for (const [what, [before, after]] of Object.entries(GUARDED)) {
  t.test(`a direct tunnel ends when ${what}`, async (t) => {
    await using origin = await rawOrigin();
    await using proxy = await startProxy(yamlOf(before));
    const open = await tunnel(proxy, origin);
    await adopt(proxy, before);
    await prove(open);
    await adopt(proxy, { ...before, ...after });
    await open.client.rest();
    const [record] = await proxy.ended(1);
    t.match(record, { outcome: 'revoked', reason: 'policy_revoked', rule: undefined });
    t.match(record?.detail, /^Allowed by rule "some" until now: the guard refuses 127\.0\.0\.1 \(/);
  });
}

t.test('a tunnel whose fields nobody asked for ends by the first ACL that does', async (t) => {
  const acls = '{ bots: { headers: { user-agent: ["bot"] } } }';
  const keys = { acls, access: `[{ name: bots, deny: [bots] }, ${OPEN}]` };
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ access: `[${OPEN}]` }));
  const before = await tunnel(proxy, origin);
  await adopt(proxy, keys);
  await before.client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: 'bots' }]);
  const open = await tunnel(proxy, origin);
  await adopt(proxy, { ...keys, timeouts: '{ idle: 10m }' });
  await prove(open);
});

t.test('a direct tunnel ends when its name may be resolved no longer', async (t) => {
  await using origin = await rawOrigin();
  const dns = '{ hostsFile: none, servers: [127.0.0.1:9], hosts: { api.internal: 127.0.0.1 } }';
  const named = { dns, acls: '{ api: { dstDomains: [api.internal] } }' };
  const before = { ...named, access: '[{ name: api, allow: [api], onRevoke: cut }]' };
  await using proxy = await startProxy(yamlOf(before));
  await using client = await RawClient.connect(proxy.port);
  await client.tunnel(`api.internal:${origin.port}`);
  await adopt(proxy, { ...named, access: `[${OPEN}]` });
  await client.rest();
  const [record] = await proxy.ended(1);
  t.match(record, { outcome: 'revoked', detail: /the guard refuses the name "api\.internal"$/ });
});

t.test('the tunnel of a user ends when there is none of that name any more, and not before', async (t) => {
  const hash = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });
  const files = t.testdir({ both: `alice:${hash}\nbob:${hash}\n`, bob: `bob:${hash}\n` });
  const keys = (users: string): Keys => ({
    auth: `{ usersFile: ${join(files, users)} }`,
    acls: '{ staff: { users: ["*"] } }',
    access: '[{ name: staff, allow: [staff], onRevoke: cut }]',
  });
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(keys('both')));
  const login = `Proxy-Authorization: Basic ${Buffer.from('alice:s3cr3t').toString('base64')}\r\n`;
  await using client = await RawClient.connect(proxy.port);
  await client.tunnel(`origin.example:${origin.port}`, login);
  const open = { client, far: await origin.accept() };
  await adopt(proxy, { ...keys('both'), timeouts: '{ idle: 10m }' });
  await prove(open);
  await adopt(proxy, keys('bob'));
  await client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', user: 'alice', rule: undefined }]);
});

t.test('a connection that has switched ends when its rule lets nobody switch to that any more', async (t) => {
  const allowing = (upgrade: string): Keys => ({
    access: `[{ name: sockets, allow: [all], upgrade: [${upgrade}], onRevoke: cut }]`,
  });
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(allowing('websocket')));
  await using client = await RawClient.connect(proxy.port);
  const switching = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n${switching}`);
  const far = await origin.accept();
  await far.head();
  far.send(`HTTP/1.1 101 Switching Protocols\r\n${switching}`);
  await client.head();
  await adopt(proxy, allowing('websocket, other'));
  await prove({ client, far });
  await adopt(proxy, allowing('other'));
  await client.rest();
  const [record] = await proxy.ended(1);
  t.match(record, { outcome: 'revoked', status: 101 });
  t.match(record?.detail, /rule "sockets" does not let it switch to "websocket"$/);
});
