/**
 * A whole process that says as much as it can (its log at `trace`), and clients that put a secret wherever one may be: whatever
 * becomes of their requests, none of it is in an answer of ours, a record, the log or a metric.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin, tcpOrigin } from '../fixtures/origin.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { startWeir } from '../fixtures/weir.ts';

/** Each is found by itself, and told apart from what anybody else may say. */
const SECRETS = {
  password: 'pw-5a17c0de',
  wrongPassword: 'pw-0dd5ca1e',
  ofPeer: 'pw-0ff1ce77',
  query: 'q-c0ffee42',
  token: 'tk-decade99',
  cookie: 'ck-facade31',
  userinfo: 'ui-beaded64',
} as const;

const basic = (user: string, password: string): string =>
  `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** As they are, and as Basic has them. */
const FORBIDDEN = [
  ...Object.values(SECRETS),
  ...['alice', 'mallory', 't1'].flatMap((user) =>
    Object.values(SECRETS).map((secret) => Buffer.from(`${user}:${secret}`).toString('base64')),
  ),
];

async function configuration(t: Test, peerPort: number): Promise<string> {
  const hash = await hashPassword(SECRETS.password, { logCost: 10, blockSize: 8, parallel: 1 });
  const folder = t.testdir({ users: `alice:${hash}\n` });
  writeFileSync(join(folder, 'peer'), `${SECRETS.ofPeer}\n`, { mode: 0o600 });
  return yamlOf({
    log: '{ level: trace }',
    auth: `{ usersFile: ${join(folder, 'users')} }`,
    acls: '{ staff: { users: [alice] }, by_peer: { ports: [7] }, no: { urlRegex: [refused] } }',
    access: '[{ name: refused, deny: [no] }, { name: staff, allow: [staff] }]',
    peers: `{ p: { address: 127.0.0.1:${peerPort}, auth: { username: t1, passwordFile: ${join(folder, 'peer')} } } }`,
    routes: '[{ name: peer, peers: [p], when: [by_peer] }, { name: out, direct: true }]',
  });
}

const FIELDS = [
  basic('alice', SECRETS.password),
  `Authorization: Bearer ${SECRETS.token}`,
  `Cookie: session=${SECRETS.cookie}`,
  `X-Api-Key: ${SECRETS.token}`,
];

/** Request lines, each for another end: let through, refused, broken, not to be reached, by a peer that wants other credentials. */
function linesTo(port: number, closed: number): string[] {
  const q = `?token=${SECRETS.query}`;
  return [
    `GET http://127.0.0.1:${port}/path${q}`,
    `GET http://127.0.0.1:${port}/refused${q}`,
    `GET http://127.0.0.1:${closed}/${q}`,
    `GET http://10.0.0.1/${q}`,
    `GET http://no.such.example/${q}`,
    `GET http://127.0.0.1:7/${q}`,
    `GET http://alice:${SECRETS.userinfo}@127.0.0.1:${port}/${q}`,
    `GET ftp://127.0.0.1/${q}`,
    `GET /${q}`,
    `CONNECT 127.0.0.1:${port}/${q}`,
    `CONNECT alice:${SECRETS.userinfo}@127.0.0.1:${port}`,
    `CONNECT 127.0.0.1:7`,
    `POST http://127.0.0.1:${port}/reset${q}`,
  ];
}

// Attacks: secrets.
t.test('what clients and files keep secret is in nothing that a process says', async (t) => {
  await using origin = await httpOrigin((request, response) => {
    if (request.url?.startsWith('/reset')) request.socket.destroy();
    else response.end('hi');
  });
  await using peer = await tcpOrigin((socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'),
    );
  });
  const weir = await startWeir(t, await configuration(t, peer.port));
  const answers: string[] = [];
  const lines = linesTo(origin.port, await closedPort());
  for (const fields of [FIELDS, [basic('mallory', SECRETS.wrongPassword), ...FIELDS.slice(1)]]) {
    for (const line of lines) {
      await using client = await RawClient.connect(weir.port);
      client.send([`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...fields, '', ''].join('\r\n'));
      answers.push(await client.rest());
      client.end();
    }
  }
  const records = await weir.ended(2 * lines.length);
  const reasons = new Set(records.map(({ reason }) => reason));
  for (const reason of ['rule_denied', 'connection_refused', 'address_prohibited', 'peer_auth_required'])
    t.ok(reasons.has(reason), reason);
  t.ok(reasons.has('credentials_wanted') && reasons.has('connection_terminated'));
  const metrics = await (await fetch(`http://127.0.0.1:${weir.adminPort}/metrics`)).text();
  t.match(metrics, /^weir_wrong_credentials_total [1-9]/m);
  const said = { answers: answers.join(), records: JSON.stringify(records), log: weir.stderr, metrics };
  t.ok(said.log.length > 0 && answers.some((text) => text.includes('hi')), 'there is something to look at');
  for (const [where, text] of Object.entries(said))
    for (const secret of FORBIDDEN) t.notOk(text.includes(secret), `${where}: ${secret}`);
});
