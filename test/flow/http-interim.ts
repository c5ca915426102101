/** Answers before the answer: 100-continue and 103, and final answers that come before the request is whole. */
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

const EXPECT = 'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n';

scene('100 Continue is the origin to say, and is relayed', async (t, { proxy, origin, client, host }) => {
  client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${EXPECT}`);
  const far = await origin.accept();
  t.match(await far.head(), /\r\nExpect: 100-continue\r\n/);
  t.equal(client.received, '', 'the proxy says nothing by itself');
  far.send('HTTP/1.1 100 Continue\r\n\r\n');
  t.equal(await client.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
  client.send('hello');
  await far.expect('hello');
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  t.equal((await readAnswer(client)).body, 'ok');
  t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
});

scene('a client that does not wait for 100 is served too', async (t, { proxy, origin, client, host }) => {
  client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${EXPECT}hello`);
  const far = await origin.accept();
  await far.head();
  await far.expect('hello');
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  const answer = await readAnswer(client);
  t.equal(answer.status, 200);
  t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
});

scene('an origin may answer instead of saying 100', async (t, { proxy, origin, client, host }) => {
  client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${EXPECT}`);
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno');
  const answer = await readAnswer(client);
  t.equal(answer.status, 401);
  t.equal(answer.body, 'no');
  t.match(await proxy.ended(1), [{ outcome: 'completed', status: 401 }]);
  client.end();
  await client.closed();
  await proxy.allClosed();
});

scene(
  'a denial is final: no 100 before it, and the connection ends in order',
  async (t, { proxy, origin, client, host }) => {
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${EXPECT}`);
    const answer = await client.rest();
    t.match(answer, /^HTTP\/1\.1 403 Denied by t rule no\r\n/);
    client.send('hello');
    client.end();
    await client.closed();
    t.equal(client.ending, 'end');
    t.equal(origin.accepted, 0);
    t.match(await proxy.ended(1), [{ outcome: 'denied', status: 403 }]);
    t.equal(proxy.records.length, 1);
  },
  { access: '[{ name: no, deny: [all] }]' },
);

scene(
  'the denial of an upload is readable, though the upload goes on',
  async (t, { proxy, client, host }) => {
    client.send(
      `POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n${'x'.repeat(1_000_000)}`,
    );
    t.match((await readAnswer(client)).first, 'HTTP/1.1 403 Denied by t rule no');
    client.send('x'.repeat(1_000_000));
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    t.match((await readAnswer(client)).first, 'HTTP/1.1 403 Denied by t rule no', 'what follows is served');
    t.match(await proxy.ended(2), [{ method: 'POST' }, { method: 'GET' }]);
  },
  { access: '[{ name: no, deny: [all] }]' },
);

for (const [title, first, fields] of [
  ['of an HTTP/1.0 client', 'HTTP/1.0', ''],
  ['that wants its connection closed', 'HTTP/1.1', 'Connection: close\r\n'],
] as const) {
  scene(
    `the denial of an upload ${title} is readable, and the end clean`,
    async (t, { proxy, client, host }) => {
      client.send(`POST http://${host}/ ${first}\r\nHost: x\r\n${fields}Content-Length: 2000000\r\n\r\n`);
      client.send('x'.repeat(1_000_000));
      t.match(await client.rest(), /^HTTP\/1\.1 403 Denied by t rule no\r\n/);
      client.send('x'.repeat(1_000_000));
      client.end();
      await client.closed();
      t.equal(client.ending, 'end', 'FIN, no RST');
      t.match(await proxy.ended(1), [{ outcome: 'denied', status: 403 }]);
    },
    { access: '[{ name: no, deny: [all] }]' },
  );
}

// Attacks: bounded.
scene(
  'an upload that goes on for too long after its denial is cut off',
  async (t, { proxy, client, host }) => {
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n`);
    t.match((await readAnswer(client)).first, 'HTTP/1.1 403 Denied by t rule no');
    const before = performance.now();
    await client.rest();
    t.ok(performance.now() - before > 1500);
    await proxy.allClosed();
    t.equal(proxy.records.length, 1);
  },
  { access: '[{ name: no, deny: [all] }]', timeouts: '{ head: 100ms }' },
);

scene('an early answer to an upload is relayed, and the rest of the upload dropped', async (t, scene) => {
  const { proxy, origin, client, host } = scene;
  client.send(
    `POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n${'x'.repeat(1000)}`,
  );
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
  const answer = await readAnswer(client);
  t.equal(answer.status, 413);
  t.equal(answer.body, 'big');
  t.match(await proxy.ended(1), [{ outcome: 'completed', status: 413 }]);
  client.send('x'.repeat(1_999_000));
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const next = await origin.accept();
  await next.head();
  next.send('HTTP/1.1 204 No Content\r\n\r\n');
  t.equal((await readAnswer(client)).status, 204);
  t.match(await proxy.ended(2), [{ method: 'POST' }, { method: 'GET', status: 204 }]);
});

scene('103 Early Hints are relayed, each as it was', async (t, { proxy, origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n');
  const via = `Via: 1.1 ${proxy.proxy.context.pseudonym}\r\n`;
  t.equal(await client.head(), `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n${via}\r\n`);
  far.send('HTTP/1.1 102 Processing\r\n\r\n');
  t.equal(await client.head(), `HTTP/1.1 102 Processing\r\n${via}\r\n`);
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.equal((await readAnswer(client)).body, 'hi');
  t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
});

scene('an HTTP/1.0 client gets no 1xx', async (t, { origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.0\r\n\r\n`);
  const far = await origin.accept();
  far.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.match(await client.rest(), /^HTTP\/1\.1 200 OK\r\n/);
});

for (const expect of ['', EXPECT]) {
  scene(
    `101 that nobody asked for is 502${expect && ', for a request with Expect too'}`,
    async (t, scene) => {
      const { proxy, origin, client, host } = scene;
      client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${expect || 'Content-Length: 0\r\n\r\n'}`);
      const far = await origin.accept();
      await far.head();
      far.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
      const answer = await readAnswer(client);
      t.equal(answer.status, 502);
      await far.rest();
      t.match(await proxy.ended(1), [{ outcome: 'failed', status: 502 }]);
      t.equal(proxy.records.length, 1, 'no tunnel');
    },
  );
}

scene(
  'an upload whose answer came early is given its time, whatever the clock of heads says',
  async (t, { proxy, origin, client, host }) => {
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhello`);
    const far = await origin.accept();
    await far.head();
    far.send('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
    t.equal((await readAnswer(client)).body, 'big');
    // Longer than the clock of heads and two sweeps over the connections; shorter than what an upload is given.
    const timer = setInterval(() => client.send('x'), 50);
    await new Promise((resolve) => setTimeout(resolve, 900));
    clearInterval(timer);
    t.equal(client.received, '');
    t.equal(client.ending, 'open');
    t.equal(proxy.records.length, 1);
  },
  { timeouts: '{ head: 100ms }' },
);
