/** Upgrade where it hangs on the user: Node asks before a password could be checked. */
import { join } from 'node:path';
import t from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

const HASH = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });
const SWITCHING = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

const as = (user: string, password = 's3cr3t'): string =>
  `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`;

/** What one asks with, and what it comes to; in this order, so that the second time a password is known. */
const ASKED: readonly [what: string, fields: string, expected: 'switched' | 'ordinary' | 403][] = [
  ['nobody', '', 'ordinary'],
  ['a user whose password is not known yet', as('alice'), 'switched'],
  ['a user whose password is known', as('alice'), 'switched'],
  ['another user, whose rule has no upgrade', as('bob'), 403],
  ['another user, who is known now', as('bob'), 'ordinary'],
  ['a wrong password', as('alice', 'other'), 403],
  ['a wrong password that is known for that', as('alice', 'other'), 'ordinary'],
];

t.test('upgrade by a rule for some users', async (t) => {
  const files = t.testdir({ users: `alice:${HASH}\nbob:${HASH}\n` });
  await using origin = await rawOrigin();
  await using proxy = await startProxy(
    yamlOf({
      auth: `{ usersFile: ${join(files, 'users')} }`,
      acls: '{ alice: { users: [alice] } }',
      access: '[{ name: alice, allow: [alice], upgrade: [websocket] }, { name: others, allow: [all] }]',
    }),
  );
  for (const [what, fields, expected] of ASKED) {
    await using client = await RawClient.connect(proxy.port);
    client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n${fields}${SWITCHING}\r\n`);
    if (expected === 403) {
      t.match(await readAnswer(client), { status: 403, first: /Upgrade not allowed/ }, what);
      continue;
    }
    const far = await origin.accept();
    const head = await far.head();
    t.equal(/^upgrade:/im.test(head), expected === 'switched', what);
    const isSwitched = expected === 'switched';
    far.send(
      isSwitched ? `HTTP/1.1 101 S\r\n${SWITCHING}\r\n` : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    );
    t.match(await client.head(), isSwitched ? /^HTTP\/1\.1 101 / : /^HTTP\/1\.1 200 /, what);
    client.end();
    far.end();
  }
  t.same(
    (await proxy.ended(ASKED.length)).map(({ rule }) => rule),
    ['others', 'alice', 'alice', 'others', 'others', 'others', 'others'],
  );
});
