/** Plain HTTP on connections that are kept: which requests are sent again when one is dead, how often, and where. */
import t from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { startFirstTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { scene } from '../fixtures/scene.ts';
import { eventually } from '../fixtures/within.ts';

const BREAKS: Readonly<Record<string, (far: RawClient) => void>> = {
  ends: (far) => far.end(),
  'is closed': (far) => far.socket.destroy(),
  'is reset': (far) => far.reset(),
};

const REQUEST = 'GET http://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

for (const [how, breakOff] of Object.entries(BREAKS)) {
  scene(`a GET on a new connection that ${how} is not sent again`, async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    breakOff(far);
    t.equal((await readAnswer(client)).status, 502);
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'connection_terminated' }]);
    t.equal(origin.accepted, 1);
  });
}

scene('a GET is sent again once, and no more', async (t, { proxy, origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const kept = await origin.accept();
  await kept.head();
  kept.send('HTTP/1.1 204 No Content\r\n\r\n');
  await readAnswer(client);
  client.send(`GET http://${host}/again HTTP/1.1\r\nHost: x\r\n\r\n`);
  await kept.head();
  kept.reset();
  const far = await origin.accept();
  await far.head();
  far.reset();
  t.equal((await readAnswer(client)).status, 502);
  t.match(await proxy.ended(2), [{ status: 204 }, { outcome: 'failed', reason: 'connection_terminated' }]);
  t.equal(origin.accepted, 2);
});

scene('a GET is sent again on a new connection, not on another kept one', async (t, scene) => {
  const { proxy, origin, client, host } = scene;
  await using other = await RawClient.connect(proxy.port);
  const kept: RawClient[] = [];
  for (const one of [client, other]) {
    one.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    kept.push(far);
  }
  for (const far of kept) far.send('HTTP/1.1 204 No Content\r\n\r\n');
  for (const one of [client, other]) await readAnswer(one);
  const idle = proxy.proxy.context.tools.idle;
  await eventually(() => idle.size === 2, 'both to be idle');
  client.send(`GET http://${host}/again HTTP/1.1\r\nHost: x\r\n\r\n`);
  (await firstAsked(kept)).reset();
  const fresh = await origin.accept();
  t.match(await fresh.head(), /^GET \/again HTTP/);
  fresh.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.equal((await readAnswer(client)).body, 'hi');
  t.same(
    kept.map(({ received }) => received),
    ['', ''],
    'the other kept one was not asked',
  );
});

/** The one of which a request comes first. */
function firstAsked(connections: readonly RawClient[]): Promise<RawClient> {
  return Promise.race(
    connections.map(async (far) => {
      await far.head();
      return far;
    }),
  );
}

/** By who carries it out; undici's body is yet to come. */
const UNASKED: Readonly<Record<string, string>> = {
  ourselves: 'GET http://HOST/ HTTP/1.1\r\nHost: x\r\n\r\n',
  undici: 'POST http://HOST/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nh',
  'node:http': 'GET http://HOST/ HTTP/1.1\r\nHost: x\r\nTrailer: X-Y\r\n\r\n',
};

for (const [carrier, request] of Object.entries(UNASKED)) {
  scene(`a 100 that nobody asked for, by ${carrier}: no request is sent twice`, async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(request.replace('HOST', host));
    const far = await origin.accept();
    await far.head();
    far.send('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    if (carrier === 'undici') {
      t.equal((await readAnswer(client)).first, 'HTTP/1.1 502 Target answered nonsense (t)');
      t.match(await proxy.ended(1), [
        { reason: 'response_malformed', detail: /100 or 101 .* not asked for/ },
      ]);
    } else {
      t.equal(await client.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
      t.equal((await readAnswer(client)).body, 'hi');
    }
    t.equal(origin.accepted, 1);
  });
}

for (const [how, breakOff] of Object.entries(BREAKS)) {
  scene(`a GET on a kept connection that ${how} behind a 103 is not sent again`, async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send(OK);
    await readAnswer(client);
    client.send(`GET http://${host}/again HTTP/1.1\r\nHost: x\r\n\r\n`);
    await far.head();
    far.send('HTTP/1.1 103 Early Hints\r\n\r\n');
    await client.head();
    breakOff(far);
    t.equal((await readAnswer(client)).status, 502);
    t.match(await proxy.ended(2), [{ status: 200 }, { reason: 'connection_terminated', status: 502 }]);
    t.equal(origin.accepted, 1);
  });
}

t.test('GET: a peer that dies with a request on a kept connection is passed over', async (t) => {
  await using first = await rawOrigin('127.0.0.1', await freePort());
  await using second = await rawOrigin();
  await using proxy = await startFirstTier([first.port, second.port]);
  await using client = await RawClient.connect(proxy.port);
  client.send(REQUEST);
  const kept = await first.accept();
  await kept.head();
  kept.send(OK);
  await readAnswer(client);
  client.send(REQUEST);
  await kept.head();
  await first[Symbol.asyncDispose]();
  const far = await second.accept();
  await far.head();
  far.send(OK);
  t.match(await readAnswer(client), { first: 'HTTP/1.1 200 OK' });
  t.match(await proxy.ended(2), [{ peer: 'p0' }, { outcome: 'completed', reason: undefined, peer: 'p1' }]);
  t.same(proxy.peerFaults, ['p0 peer_unavailable']);
});

// Attacks: own-identity.
scene('who signs in to an origin by NTLM is not who comes next', async (t, scene) => {
  const { proxy, origin, client, host } = scene;
  await using other = await RawClient.connect(proxy.port);
  client.send(`GET http://${host}/mail HTTP/1.1\r\nHost: x\r\nAuthorization: NTLM TlRMTVNTUAADAAAA\r\n\r\n`);
  const signedIn = await origin.accept();
  t.match(await signedIn.head(), /authorization: NTLM TlRMTVNTUAADAAAA/i);
  signedIn.send(OK);
  t.equal((await readAnswer(client)).status, 200);
  other.send(`GET http://${host}/mail HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  t.match(await far.head(), /^GET \/mail HTTP/);
  far.send(OK);
  t.equal((await readAnswer(other)).status, 200);
  t.equal(origin.accepted, 2, 'on a connection of its own');
});
