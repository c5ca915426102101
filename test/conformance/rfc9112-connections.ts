/**
 * RFC 9112, HTTP/1.1: the MUST and MUST NOT about connections, which take more than one exchange to show. One test for each; the rest
 * is in rfc9112.ts.
 */
import t from 'tap';
import { REASONS } from '#errors.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { servedScene } from '../fixtures/scene.ts';
import { serve } from '../fixtures/served.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = (host: string, path = '/'): string => `GET http://${host}${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

servedScene(
  '2.2 Message parsing: an empty line before a request is skipped',
  async (t, { origin, client, host }) => {
    client.send(`\r\n${get(host)}`);
    const far = await origin.accept();
    t.match(await far.head(), /^GET \/ HTTP\/1\.1\r\n/);
    far.send(OK);
    t.equal((await readAnswer(client)).body, 'ok');
  },
);

for (const [what, fields, body] of [
  ['nothing', '', ''],
  ['a chunked body', 'Transfer-Encoding: chunked\r\n', '1\r\na\r\n0\r\n\r\n'],
  ['an expectation', 'Expect: 100-continue\r\nContent-Length: 1\r\n', 'a'],
  ['trailers', 'Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n', '1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n'],
] as const) {
  servedScene(
    `2.2 Message parsing: bytes beyond ASCII are bytes in a head that goes before its body, with ${what}`,
    async (t, { origin, client, host }) => {
      client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nX-Name: caf\xe9\r\n${fields}\r\n${body}`);
      const far = await origin.accept();
      t.match(await far.head(), /\r\nX-Name: caf\xe9\r\n/);
      far.send('HTTP/1.1 200 OK\r\nX-Name: \x80\xfe\r\nContent-Length: 2\r\n\r\n');
      t.match(await client.head(), /\r\nX-Name: \x80\xfe\r\n/);
      far.send('ok');
      await client.expect('ok');
    },
  );
}

t.test(
  '3.2.2 Absolute form: a peer gets the whole target, and only host and port of a CONNECT',
  async (t) => {
    const peer = owned(t, await rawOrigin());
    const peers = `{ p: { address: 127.0.0.1:${peer.port} } }`;
    const proxy = owned(t, await serve({ peers, routes: '[{ name: out, peers: [p] }]' }));
    for (const [asked, expected] of [
      ['GET http://a.example/b?c', 'GET http://a.example/b?c'],
      ['GET http://a.example:8080', 'GET http://a.example:8080/'],
      ['OPTIONS http://a.example', 'OPTIONS http://a.example'],
      ['CONNECT a.example:443', 'CONNECT a.example:443'],
    ]) {
      const client = owned(t, await RawClient.connect(proxy.port));
      client.send(`${asked} HTTP/1.1\r\nHost: x\r\n\r\n`);
      const far = owned(t, await peer.accept());
      t.equal((await far.head()).split('\r\n')[0], `${expected} HTTP/1.1`);
      far.end();
      await client.head();
    }
  },
);

for (const framing of ['Content-Length: 2\r\nContent-Length: 3', 'Content-Length: -2']) {
  servedScene(
    `6.3 Body length: "${framing.replaceAll('\r\n', ', ')}" closes the connection to the origin`,
    async (t, scene) => {
      const { origin, client, host } = scene;
      client.send(get(host));
      const far = await origin.accept();
      await far.head();
      far.send(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\nok`);
      t.equal((await readAnswer(client)).status, 502);
      await far.rest();
      client.send(get(host));
      t.match(await (await origin.accept()).head(), /^GET /, 'and another is opened');
    },
  );
}

servedScene("6.3 Body length: what is behind an answer is nobody's", async (t, { origin, client, host }) => {
  client.send(get(host));
  const far = await origin.accept();
  await far.head();
  far.send(`${OK}HTTP/1.1 200 Forged\r\nContent-Length: 1\r\n\r\nx`);
  t.equal((await readAnswer(client)).body, 'ok');
  await far.rest();
  client.send(get(host));
  const next = await origin.accept();
  await next.head();
  next.send(OK);
  t.equal((await readAnswer(client)).first, 'HTTP/1.1 200 OK');
  t.equal(client.received, '');
});

for (const [what, beginning, isOld] of [
  ['sized', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello', false],
  ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', false],
  [
    'chunked and towards HTTP/1.0',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    true,
  ],
] as const) {
  servedScene(
    `8 Incomplete messages: an answer that is ${what} and breaks off is recorded, and never ended in order`,
    async (t, all) => {
      const { proxy, origin, client, host } = all;
      client.send(isOld ? `GET http://${host}/ HTTP/1.0\r\n\r\n` : get(host));
      const far = await origin.accept();
      await far.head();
      far.send(beginning);
      await client.until((text) => text.includes('hello'));
      far.end();
      t.notMatch(await client.rest(), /\r\n0\r\n/);
      t.equal(client.ending, 'ECONNRESET');
      const { brokenOff: reason = 'response_incomplete' } = proxy;
      t.match(await proxy.ended(1), [{ reason, error: REASONS[reason].type }]);
    },
  );
}

servedScene(
  '9.2 Association: what an origin sends unasked answers nothing',
  async (t, { origin, client, host }) => {
    client.send(get(host));
    const far = await origin.accept();
    await far.head();
    far.send(OK);
    await readAnswer(client);
    far.send('HTTP/1.1 200 Forged\r\nContent-Length: 1\r\n\r\nx');
    await far.rest();
    client.send(get(host));
    const next = await origin.accept();
    await next.head();
    next.send(OK);
    t.equal((await readAnswer(client)).first, 'HTTP/1.1 200 OK');
  },
);

servedScene(
  '9.3 Persistence: the body of a request that is answered early is read to its end',
  async (t, scene) => {
    const { origin, client, host } = scene;
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100005\r\n\r\nhello`);
    const far = await origin.accept();
    await far.head();
    far.send('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
    t.equal((await readAnswer(client)).status, 413);
    client.send(get(host).repeat(3000).slice(0, 100_000));
    client.send(get(host, '/next'));
    const next = await origin.accept();
    t.match(await next.head(), /^GET \/next /, 'nothing within it is a request');
    next.send(OK);
    t.equal((await readAnswer(client)).status, 200);
    t.equal(origin.accepted, 2);
  },
);

servedScene(
  '9.3.2 Pipelining: answers come in the order of the requests',
  async (t, { origin, client, host }) => {
    client.send(['/1', '/2', '/3'].map((path) => get(host, path)).join(''));
    for (const path of ['/1', '/2', '/3']) {
      const far = await origin.accept();
      t.match(await far.head(), new RegExp(`^GET ${path} `));
      t.equal(client.received, '');
      far.send(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n${path}`);
      t.equal((await readAnswer(client)).body, path);
    }
  },
);

servedScene(
  '9.6 Tear-down: nothing behind a request that says close is served',
  async (t, { origin, client, host }) => {
    client.send(`GET http://${host}/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n${get(host, '/2')}`);
    const far = await origin.accept();
    await far.head();
    far.send(OK);
    t.match((await readAnswer(client)).fields, { connection: 'close' });
    t.equal(await client.rest(), '');
    t.equal(far.received, '');
    t.equal(origin.accepted, 1);
  },
);

servedScene(
  '9.6 Tear-down: an origin that says close is asked nothing more there',
  async (t, { origin, client, host }) => {
    client.send(get(host));
    const far = await origin.accept();
    await far.head();
    far.send(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok`);
    await readAnswer(client);
    await far.rest();
    client.send(get(host));
    const next = await origin.accept();
    await next.head();
    next.send(OK);
    t.equal((await readAnswer(client)).status, 200);
    t.equal(far.received, '');
  },
);
