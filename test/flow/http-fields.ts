/** Header fields and targets of plain HTTP: what belongs to one hop stops there, everything else is not touched. */
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

scene('fields of the client hop stop at the proxy', async (t, { proxy, origin, client, host }) => {
  client.send(
    [
      `GET http://${host}/ HTTP/1.1`,
      'Host: x',
      'Connection: keep-alive, X-Nominated, x-NOMINATED-too',
      'X-Nominated: 1',
      'x-nominated-TOO: 1',
      'X-Kept: \xe9\xff',
      'Proxy-Connection: keep-alive',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Upgrade: h2c',
      'Proxy-Authorization: Basic c2VjcmV0',
      'Proxy-Authenticate: Basic',
      'Weir-Transaction: forged-0000',
      'Weir-Identity: forged',
      'Authorization: Bearer kept',
      'Cookie: kept=1',
      'X-Request-Id: kept',
      'traceparent: 00-kept',
      'Via: 1.0 before',
      '\r\n',
    ].join('\r\n'),
  );
  const far = await origin.accept();
  const got = await readAnswer(far);
  t.same(got.lines.slice(2), [
    'X-Kept: \xe9\xff',
    'Authorization: Bearer kept',
    'Cookie: kept=1',
    'X-Request-Id: kept',
    'traceparent: 00-kept',
    `Via: 1.0 before, 1.1 ${proxy.proxy.context.pseudonym}`,
  ]);
  t.same(got.lines.slice(0, 2), [`host: ${host}`, 'connection: keep-alive']);
  far.send(OK);
  await readAnswer(client);
  const [record] = await proxy.ended(1);
  t.not(record?.transactionId, 'forged-0000');
  t.notMatch(JSON.stringify(record), /c2VjcmV0|Bearer|forged/);
  t.same(proxy.forgedFields, ['weir-identity', 'weir-transaction'], 'each is counted');
});

scene('fields of the origin hop stop at the proxy', async (t, { proxy, origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  far.send(
    [
      'HTTP/1.1 200 OK',
      'Connection: keep-alive, X-Nominated',
      'X-Nominated: 1',
      'Keep-Alive: timeout=1000',
      'Proxy-Authenticate: Basic realm=x',
      'Proxy-Authentication-Info: x',
      'Proxy-Connection: close',
      'Upgrade: h2c',
      'Weir-Transaction: forged-0000',
      'Weir-Identity: forged',
      'Proxy-Status: t2;error=http_request_denied',
      'WWW-Authenticate: Basic realm=kept',
      'Via: 1.1 cdn',
      'X-Kept: \xe9',
      'Date: Mon, 23 Nov 2026 10:00:00 GMT',
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n'),
  );
  const got = await readAnswer(client);
  t.same(got.lines, [
    'Proxy-Status: t2;error=http_request_denied',
    'WWW-Authenticate: Basic realm=kept',
    'X-Kept: \xe9',
    'Date: Mon, 23 Nov 2026 10:00:00 GMT',
    'Content-Length: 0',
    `Via: 1.1 cdn, 1.1 ${proxy.proxy.context.pseudonym}`,
    'Connection: keep-alive',
    'Keep-Alive: timeout=75',
  ]);
  t.match(await proxy.ended(1), [{ outcome: 'completed', reason: undefined, error: undefined }]);
});

scene('a Date is added where the origin sent none', async (t, { origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  (await origin.accept()).send(OK);
  t.match(
    (await readAnswer(client)).fields.date,
    /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  );
});

for (const name of [
  'Host',
  'Content-Length',
  'Authorization',
  'Cookie',
  'Via',
  'Forwarded',
  'Proxy-Status',
]) {
  scene(`Connection may not name ${name}`, async (t, { proxy, origin, client, host }) => {
    client.send(
      `GET http://${host}/ HTTP/1.1\r\nHost: x\r\nConnection: close, ${name.toUpperCase()}\r\n\r\n`,
    );
    const got = await readAnswer(client);
    t.equal(got.first, 'HTTP/1.1 400 Malformed request (t)');
    t.equal(got.fields['proxy-status'], 't;error=http_request_error;details="request_malformed"');
    t.equal(origin.accepted, 0);
    t.match(await proxy.ended(1), [{ reason: 'request_malformed', status: 400 }]);
  });
}

for (const name of ['Set-Cookie', 'Content-Length', 'Via']) {
  scene(`an origin whose Connection names ${name} is not obeyed`, async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    far.send(
      `HTTP/1.1 200 OK\r\nConnection: ${name}\r\nSet-Cookie: a\r\nVia: 1.1 cdn\r\nContent-Length: 2\r\n\r\nhi`,
    );
    const answer = await readAnswer(client);
    t.match(answer.fields, { 'set-cookie': 'a', 'content-length': '2', via: /^1\.1 cdn, 1\.1 t-/ });
    t.equal(answer.body, 'hi');
    t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
  });
}

const PATHS = [
  '/',
  '/a%2fb%2Fc',
  '/a/../b/./c//d',
  '/%2e%2e/x',
  '/a;b=c?d=e&f=%20+',
  '/?',
  '/?x=http://other.example/',
  '/a\\b',
  '/!$&\'()*+,;=:@[]{}|^`"<>',
  `/${'x'.repeat(30_000)}`,
];

for (const path of PATHS) {
  scene(`the bytes of ${JSON.stringify(path.slice(0, 40))} are not touched`, async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(`GET http://${host}${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    t.equal((await readAnswer(far)).first, `GET ${path} HTTP/1.1`);
    far.send(OK);
    t.equal((await readAnswer(client)).status, 200);
    t.match(await proxy.ended(1), [{ outcome: 'completed' }]);
  });
}

const TARGETS: Readonly<Record<string, string>> = {
  '': '/',
  '?q=1': '/?q=1',
  '/?q=1': '/?q=1',
};

for (const [rest, expected] of Object.entries(TARGETS)) {
  scene(`a target that goes on with "${rest}" becomes ${expected}`, async (t, { origin, client, host }) => {
    client.send(`GET HTTP://${host.toUpperCase()}${rest} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    const got = await readAnswer(far);
    t.equal(got.first, `GET ${expected} HTTP/1.1`);
    t.equal(got.fields.host, host);
    far.send(OK);
    await readAnswer(client);
  });
}

// Attacks: secrets.
scene('the query is in no record', async (t, { proxy, origin, client, host }) => {
  client.send(`GET http://${host}/path?password=secret HTTP/1.1\r\nHost: x\r\n\r\n`);
  (await origin.accept()).send(OK);
  await readAnswer(client);
  const [record] = await proxy.ended(1);
  t.notMatch(JSON.stringify(record), /secret/);
  t.match(record?.url, `http://${host}/path`);
});

for (const [text, star] of [
  ['', '*'],
  ['/', '/'],
  ['/x', '/x'],
] as const) {
  scene(
    `OPTIONS of "http://host${text}" asks the origin for ${star}`,
    async (t, { proxy, origin, client, host }) => {
      client.send(`OPTIONS http://${host}${text} HTTP/1.1\r\nHost: x\r\n\r\n`);
      const far = await origin.accept();
      const got = await readAnswer(far);
      t.equal(got.first, `OPTIONS ${star} HTTP/1.1`);
      t.equal(got.fields.host, host);
      t.match(got.fields.via, proxy.proxy.context.pseudonym);
      far.send('HTTP/1.1 200 OK\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n');
      const answer = await readAnswer(client);
      t.match(answer.fields, { allow: 'GET', connection: 'keep-alive' });
      t.match(await proxy.ended(1), [{ method: 'OPTIONS', outcome: 'completed', status: 200 }]);
    },
  );
}
