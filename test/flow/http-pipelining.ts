/** Requests that a client sends ahead of the answers: in order, one after the other, and none behind the last. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { scene } from '../fixtures/scene.ts';
import { eventually } from '../fixtures/within.ts';

t.test('requests sent ahead are answered in order, one after the other', async (t) => {
  let active = 0;
  let most = 0;
  await using origin = await httpOrigin((request, response) => {
    active += 1;
    most = Math.max(most, active);
    setImmediate(() => {
      active -= 1;
      response.end(request.url);
    });
  });
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  for (let i = 0; i < 10; i += 1) {
    client.send(`GET http://origin.example:${origin.port}/${i} HTTP/1.1\r\nHost: x\r\n\r\n`);
  }
  for (let i = 0; i < 10; i += 1) t.equal((await readAnswer(client)).body, `/${i}`);
  t.equal(most, 1);
  t.same(
    (await proxy.ended(10)).map(({ url }) => url?.at(-1)),
    [...'0123456789'],
  );
});

// Attacks: bounded.
scene('a flood of requests sent ahead is cut off', async (t, { proxy, origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(2000));
  await client.rest();
  t.equal(client.ending, 'ECONNRESET');
  await eventually(() => proxy.proxy.context.drain.active === 0, 'all to end');
  t.equal(proxy.records.length, 65, 'those under way, and the one that was too many');
  for (const record of proxy.records) {
    t.match(record, { outcome: 'limited', reason: 'pipelining_exceeded', status: 0, closedBy: 'proxy' });
  }
  t.ok(origin.accepted <= 1);
});

const DENIALS: Readonly<Record<string, string>> = {
  'a CONNECT': 'CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'an unknown expectation': 'GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n',
  'no HTTP': 'BAD\r\n\r\n',
  'a request that says close': 'GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
};

for (const [what, last] of Object.entries(DENIALS)) {
  scene(`refusals before ${what} are not overtaken by its own`, async (t, { proxy, client }) => {
    const ahead = 'GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3);
    client.send(ahead + last);
    const answers = (await client.rest()).split(/(?=HTTP\/1\.1 )/);
    t.equal(answers.length, 4);
    for (const answer of answers.slice(0, 3)) t.match(answer, /^HTTP\/1\.1 403 /);
    t.match(answers[3], /^HTTP\/1\.1 4.. /);
    t.match(answers[3], /\r\nConnection: close\r\n/);
    await proxy.ended(4);
  });
}

scene('an answer is read to its end with a CONNECT waiting behind it', async (t, scene) => {
  const { proxy, origin, client, host } = scene;
  const body = Buffer.alloc(4_000_000, 'abcdefgh');
  client.socket.pause();
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\nCONNECT ${host} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  far.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
  far.send(body);
  const { ledger } = proxy.proxy.context.tools;
  t.equal(ledger.open('client'), 1);
  client.socket.resume();
  t.ok((await readAnswer(client)).body === body.toString('latin1'), 'whole');
  t.match(await client.head(), /^HTTP\/1\.1 200 Connection established\r\n/);
  const tunnelled = await origin.accept();
  tunnelled.send('hello');
  await client.expect('hello');
  tunnelled.end();
  client.end();
  t.match(await proxy.ended(2), [{ status: 200 }, { status: 200, method: 'CONNECT' }]);
});

scene('what follows a good request and is none is refused after its answer', async (t, scene) => {
  const { proxy, origin, client, host } = scene;
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\nBAD\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.equal((await readAnswer(client)).body, 'hi');
  t.match(await client.rest(), /^HTTP\/1\.1 400 Malformed request \(t\)\r\n/);
  t.equal(client.ending, 'end');
  t.match(await proxy.ended(2), [{ status: 200, outcome: 'completed' }, { status: 400 }]);
});

scene('nothing is served behind a refusal that ends the connection', async (t, scene) => {
  const { proxy, origin, client, host } = scene;
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  client.send(`CONNECT ${host} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const answer = await client.rest();
  t.match(answer, /^HTTP\/1\.1 400 /);
  t.equal(answer.split('HTTP/1.1').length, 2, 'one answer');
  client.end();
  await client.closed();
  await proxy.allClosed();
  t.equal(origin.accepted, 0);
  t.equal(proxy.records.filter(({ status }) => status !== 0).length, 1);
});

scene('nothing is served behind a request that says close', async (t, { proxy, origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.match(await client.rest(), /\r\nConnection: close\r\n\r\nhi$/);
  t.match((await proxy.ended(1))[0], { status: 200, outcome: 'completed' });
  await eventually(() => proxy.proxy.context.drain.active === 0, 'all to end');
  t.equal(origin.accepted, 1);
});

scene(
  'a client that leaves takes all that it sent ahead with it',
  async (t, { proxy, origin, client, host }) => {
    for (let i = 0; i < 5; i += 1) client.send(`GET http://${host}/${i} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    client.reset();
    const records = await proxy.ended(5);
    t.ok(records.every(({ outcome, status }) => outcome === 'client_gone' && status === 0));
    await proxy.allClosed();
    t.equal(origin.accepted, 1);
  },
);

scene(
  'an upgrade sent ahead is an ordinary request',
  async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    client.send(
      `GET http://${host}/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    for (const path of ['/', '/ws']) {
      const far = await origin.accept();
      const head = await far.head();
      t.ok(head.startsWith(`GET ${path} `));
      t.notMatch(head, /upgrade/i);
      far.send('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi');
      t.equal((await readAnswer(client)).body, 'hi');
    }
    t.match(await proxy.ended(2), [{ status: 200 }, { status: 200 }]);
  },
  { access: '[{ name: all, allow: [all], upgrade: [websocket] }]' },
);
