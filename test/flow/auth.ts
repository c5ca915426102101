/** Clients that say who they are: 407 only where it helps, and credentials that go nowhere. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parseConfig } from '#config/load.ts';
import { hashPassword } from '#identity/password-hash.ts';
import { type Answer, readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { complaints, configText } from '../fixtures/config.ts';
import { httpOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const HASH = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });

function usersFile(t: Test): string {
  return join(t.testdir({ users: `alice:${HASH}\nbob:${HASH}\n` }), 'users');
}

const credentials = (user: string, password = 's3cr3t'): string =>
  `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

async function ask(proxy: TestProxy, first: string, ...fields: readonly string[]): Promise<Answer> {
  await using client = await RawClient.connect(proxy.port);
  client.send(`${[`${first} HTTP/1.1`, 'Host: x', ...fields].join('\r\n')}\r\n\r\n`);
  return await readAnswer(client);
}

// Attacks: secrets, own-identity.
t.test('a rule with users lets in who has authenticated, and asks the rest', async (t) => {
  const seen: string[] = [];
  await using web = await httpOrigin((request, response) => {
    seen.push(...request.rawHeaders);
    response.end('hi');
  });
  await using proxy = await startProxy(
    yamlOf({
      auth: `{ usersFile: ${usersFile(t)} }`,
      acls: '{ alice: { users: [alice] } }',
      access: '[{ name: alice, allow: [alice] }]',
    }),
  );
  const get = `GET http://origin.example:${web.port}/`;
  const challenge = { status: 407, fields: { 'proxy-authenticate': 'Basic realm="t", charset="UTF-8"' } };
  t.match(await ask(proxy, get), challenge);
  t.match(await ask(proxy, get, credentials('alice', 'wr0ng')), challenge);
  t.match(await ask(proxy, get, credentials('mallory')), challenge);
  t.match(await ask(proxy, `CONNECT origin.example:${web.port}`), challenge);
  t.match(
    await ask(proxy, get, credentials('bob')),
    { status: 403 },
    'whom no rule allows is not asked again',
  );
  t.match(await ask(proxy, get, credentials('alice')), { status: 200, body: 'hi' });
  t.notOk(seen.some((text) => /proxy-authorization/i.test(text)));
  const records = await proxy.ended(6);
  t.match(records.map(({ user, outcome, reason }) => `${user} ${outcome} ${reason}`).sort(), [
    'alice completed undefined',
    'bob denied no_rule_matched',
    'undefined denied credentials_wanted',
    'undefined denied credentials_wanted',
    'undefined denied credentials_wanted',
    'undefined denied credentials_wanted',
  ]);
  t.same(
    records.filter(({ reason }) => reason === 'credentials_wanted').map(({ detail }) => detail),
    [
      'Nobody has authenticated, and a rule asks who it is',
      'The credentials are wrong, and a rule asks who it is',
      'The credentials are wrong, and a rule asks who it is',
      'Nobody has authenticated, and a rule asks who it is',
    ],
  );
  t.equal(proxy.wrongCredentials.length, 2);
  t.notMatch(JSON.stringify(records), /s3cr3t|mallory|wr0ng|Basic/);
});

t.test('a refusal that no credentials would change is 403', async (t) => {
  await using proxy = await startProxy(
    yamlOf({
      auth: `{ usersFile: ${usersFile(t)} }`,
      acls: '{ staff: { users: ["*"] }, tls: { ports: [443] } }',
      access: `
  - { name: not-tls, deny: ["!tls"] }
  - { name: strangers, deny: ["!staff"], message: Ask for an account }
  - { name: rest, deny: [all] }`,
    }),
  );
  t.match(await ask(proxy, 'CONNECT a.example:80'), { status: 403, first: /rule not-tls/ });
  const asked = await ask(proxy, 'CONNECT a.example:443');
  t.match(asked, { status: 407, fields: { 'proxy-status': /credentials_wanted rule=strangers/ } });
  t.match(asked.body, /Ask for an account/);
  t.match(await ask(proxy, 'CONNECT a.example:443', credentials('bob')), { status: 403, first: /rule rest/ });
});

t.test('a rule with users may allow an upgrade, which is looked at before anybody is known', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(
    yamlOf({
      auth: `{ usersFile: ${usersFile(t)} }`,
      acls: '{ alice: { users: [alice] } }',
      access: '[{ name: alice, allow: [alice], upgrade: [websocket] }]',
    }),
  );
  const first = `GET http://origin.example:${origin.port}/`;
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];
  t.match(await ask(proxy, first, ...upgrade), { status: 407 });
  await using client = await RawClient.connect(proxy.port);
  const lines = [`${first} HTTP/1.1`, 'Host: x', ...upgrade, credentials('alice')];
  client.send(`${lines.join('\r\n')}\r\n\r\n`);
  const far = await origin.accept();
  const head = await far.head();
  t.match(head, /Upgrade: websocket/);
  t.notMatch(head, /authorization/i);
  far.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  t.match(await client.head(), /^HTTP\/1\.1 101 /);
  client.end();
  far.end();
  t.match(await proxy.ended(2), [{ reason: 'credentials_wanted' }, { user: 'alice', status: 101 }]);
});

t.test('no password is checked where the answer is a refusal whoever asks', async (t) => {
  await using proxy = await startProxy(
    yamlOf({
      auth: `{ usersFile: ${usersFile(t)} }`,
      acls: '{ staff: { users: ["*"] }, tls: { ports: [443] }, site: { dst: [127.0.0.1] } }',
      access: `
  - { name: not-tls, deny: ["!tls"] }
  - { name: staff, deny: [staff] }
  - { name: site, allow: [site] }`,
    }),
  );
  const checked: string[] = [];
  const { authenticator } = proxy.proxy.context.generation;
  t.ok(authenticator);
  if (authenticator === undefined) return;
  const check = authenticator.check.bind(authenticator);
  authenticator.check = (claim, asker) => {
    checked.push(claim.user);
    return check(claim, asker);
  };
  const refused = 'CONNECT origin.example:80';
  t.match(await ask(proxy, refused, credentials('alice', 'wrong')), { status: 403, first: /rule not-tls/ });
  t.match(await ask(proxy, refused, credentials('alice')), { status: 403, first: /rule not-tls/ });
  t.same(checked, []);
  t.match(await ask(proxy, 'CONNECT origin.example:443', credentials('alice')), { first: /rule staff/ });
  t.same(checked, ['alice'], 'where a user may matter');
  t.match(await ask(proxy, refused, credentials('alice')), { status: 403 });
  t.same(
    (await proxy.ended(4)).map(({ user }) => user),
    [undefined, undefined, 'alice', 'alice'],
    'the record names whom it knows',
  );
});

t.test('a password that is not checked in time is 503, and no fault of the name servers', async (t) => {
  await using proxy = await startProxy(
    yamlOf({ auth: `{ usersFile: ${usersFile(t)} }`, timeouts: '{ establish: 200ms }' }),
  );
  const { authenticator } = proxy.proxy.context.generation;
  t.ok(authenticator);
  if (authenticator === undefined) return;
  authenticator.check = (_claim, { wait }) => wait(new Promise(() => {}));
  const detail = 'Time to establish is over, and the password not checked';
  for (const first of ['CONNECT origin.example:443', 'GET http://origin.example/'])
    t.match(await ask(proxy, first, credentials('alice')), {
      status: 503,
      fields: { 'proxy-status': /credentials_unchecked/ },
    });
  t.match(await proxy.ended(2), [
    { reason: 'credentials_unchecked', detail, user: undefined },
    { reason: 'credentials_unchecked', detail, user: undefined },
  ]);
});

t.test('who is asked about passwords changes when the users do, and only then', async (t) => {
  const auth = `{ usersFile: ${usersFile(t)} }`;
  const yaml = (name: string) =>
    yamlOf({ auth, acls: '{ staff: { users: ["*"] } }', access: `[{ name: ${name}, deny: [staff] }]` });
  await using proxy = await startProxy(yaml('one'));
  const first = proxy.proxy.context.generation.authenticator;
  await proxy.proxy.adopt(await parseConfig(yaml('two')));
  t.equal(proxy.proxy.context.generation.authenticator, first);
  const other = join(t.testdir({ users: `alice:${HASH}\n` }), 'users');
  await proxy.proxy.adopt(await parseConfig(yamlOf({ auth: `{ usersFile: ${other} }` })));
  t.not(proxy.proxy.context.generation.authenticator, first);
  await proxy.proxy.adopt(await parseConfig(yamlOf()));
  t.equal(proxy.proxy.context.generation.authenticator, undefined);
});

t.test('users without auth is a mistake in the configuration', async (t) => {
  const text = configText().replace('{ tls_ports:', '{ staff: { users: [alice] }, tls_ports:');
  t.match(await complaints(parseConfig(text)), [
    /acls\.staff\.users: ACL "staff" asks for users, but nobody can authenticate/,
  ]);
});
