/** Plain HTTP through both tiers: what one proxy does to a message, two must not undo. */
import t, { type Test } from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { allRead, type TestProxy } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';

interface Stage {
  readonly first: TestProxy;
  readonly second: TestProxy;
  readonly origin: RawOrigin;
  readonly client: RawClient;
  readonly host: string;
}

function scene(title: string, play: (t: Test, stage: Stage) => Promise<void>): void {
  t.test(title, async (t) => {
    await using origin = await rawOrigin();
    await using second = await startSecondTier();
    await using first = await startFirstTier([second.port]);
    await using client = await RawClient.connect(first.port);
    await play(t, { first, second, origin, client, host: `origin.example:${origin.port}` });
    const one = await first.ended(1);
    const two = await second.ended(1);
    t.same(idsOf(one), idsOf(two), 'one id in both records');
  });
}

/** Of transactions that got as far as a target. */
function idsOf(records: readonly RecordEntry[]): readonly string[] {
  return records.filter(({ host }) => host !== undefined).map(({ transactionId }) => transactionId);
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

scene(
  'the origin gets origin-form, Host of the target, and a Via of both',
  async (t, { origin, client, host }) => {
    client.send(`GET http://${host}/a%2fb/../c?x=1 HTTP/1.1\r\nHost: other\r\nX-Kept: 1\r\n\r\n`);
    const far = await origin.accept();
    const got = await readAnswer(far);
    t.equal(got.first, 'GET /a%2fb/../c?x=1 HTTP/1.1');
    t.equal(got.fields.host, host);
    t.match(got.fields.via, /^1\.1 t1-\w+, 1\.1 t2-\w+$/);
    t.notMatch(got.lines.join(), /weir/i, 'nothing of ours');
    far.send(OK);
    const answer = await readAnswer(client);
    t.match(answer.fields.via, /^1\.1 t2-\w+, 1\.1 t1-\w+$/);
    t.equal(answer.body, 'hi');
  },
);

for (const [text, star] of [
  ['', '*'],
  ['/', '/'],
] as const) {
  scene(
    `OPTIONS of "http://host${text}" asks the origin for ${star}`,
    async (t, { origin, client, host }) => {
      client.send(`OPTIONS http://${host}${text} HTTP/1.1\r\nHost: x\r\n\r\n`);
      const far = await origin.accept();
      const got = await readAnswer(far);
      t.equal(got.first, `OPTIONS ${star} HTTP/1.1`);
      t.equal(got.fields.host, host);
      far.send(OK);
      t.equal((await readAnswer(client)).status, 200);
    },
  );
}

scene('bodies, trailers and interim answers pass', async (t, { origin, client, host }) => {
  client.send(
    `POST http://${host}/ HTTP/1.1\r\nHost: x\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`,
  );
  const far = await origin.accept();
  const got = await readAnswer(far);
  t.equal(got.body, 'hello');
  t.same(got.trailers, ['X-Sum: 1']);
  far.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
  t.match(
    await client.head(),
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\nVia: 1\.1 t2-\w+, 1\.1 t1-\w+\r\n\r\n$/,
  );
  far.send(
    'HTTP/1.1 200 OK\r\nTrailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-End: 2\r\n\r\n',
  );
  const answer = await readAnswer(client);
  t.equal(answer.body, 'hi');
  t.same(answer.trailers, ['X-End: 2']);
});

for (const [what, fields] of [
  ['as many fields', 'X: y\r\n'.repeat(199)],
  ['as large a head', `X: ${'y'.repeat(64 * 1024 - 100)}\r\n`],
] as const) {
  scene(
    `an answer with ${what} as may be passes, though each tier adds its own`,
    async (t, { first, origin, client, host }) => {
      client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      const far = await origin.accept();
      await far.head();
      far.send(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 2\r\n\r\nhi`);
      t.match(await client.head(), /^HTTP\/1\.1 200 OK\r\n/);
      await client.expect('hi');
      t.same(first.peerFaults, []);
    },
  );
}

scene('a 100 that undici does not take is not held against the peer', async (t, stage) => {
  const { first, origin, client, host } = stage;
  client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n`);
  await allRead(first);
  client.send('hello');
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 100 Continue\r\n\r\n');
  t.match(await client.head(), /^HTTP\/1\.1 502 /);
  t.same(first.peerFaults, []);
});

scene('Expect: 100-continue passes, and so does 100', async (t, { origin, client, host }) => {
  client.send(
    `POST http://${host}/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
  );
  const far = await origin.accept();
  t.match(await far.head(), /\r\nExpect: 100-continue\r\n/);
  far.send('HTTP/1.1 100 Continue\r\n\r\n');
  t.equal(await client.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
  client.send('hello');
  await far.expect('hello');
  far.send(OK);
  t.equal((await readAnswer(client)).body, 'hi');
});

for (const [framing, beginning] of Object.entries({
  sized: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello',
  chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
})) {
  for (const version of ['1.1', '1.0']) {
    scene(`a ${framing} answer that breaks off breaks an HTTP/${version} client off`, async (t, stage) => {
      const { first, second, origin, client, host } = stage;
      client.send(`GET http://${host}/ HTTP/${version}\r\nHost: x\r\n\r\n`);
      const far = await origin.accept();
      await far.head();
      far.send(beginning);
      await client.until((text) => text.includes('hello'));
      far.end();
      t.equal(await client.rest(), '');
      t.equal(client.ending, 'ECONNRESET');
      t.match(await second.ended(1), [
        { outcome: 'failed', reason: 'response_incomplete', closedBy: 'upstream' },
      ]);
      t.match(await first.ended(1), [{ outcome: 'failed', reason: 'peer_terminated', closedBy: 'upstream' }]);
    });
  }
}

scene('a client that leaves takes both tiers and the origin with it', async (t, stage) => {
  const { first, second, origin, client, host } = stage;
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello');
  await client.until((text) => text.endsWith('hello'));
  client.reset();
  await far.rest();
  t.match(await first.ended(1), [{ outcome: 'client_gone', closedBy: 'client' }]);
  t.match(await second.ended(1), [{ outcome: 'client_gone', closedBy: 'client' }]);
  t.same(first.peerFaults, []);
});

scene('connections are kept on all three legs', async (t, { first, second, origin, client, host }) => {
  let far: RawClient | undefined;
  for (let i = 0; i < 3; i += 1) {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    far ??= await origin.accept();
    await far.head();
    far.send(OK);
    t.equal((await readAnswer(client)).body, 'hi');
    await first.ended(i + 1);
    await second.ended(i + 1);
  }
  t.equal(origin.accepted, 1);
  t.equal(second.proxy.context.tools.ledger.opened.client, 1);
  t.equal(first.proxy.context.tools.ledger.opened.client, 1);
});

t.test('a peer that nobody listens on costs the client no byte of its body', async (t) => {
  await using second = await rawOrigin();
  await using proxy = await startFirstTier([await closedPort(), second.port]);
  await using client = await RawClient.connect(proxy.port);
  client.send('POST http://origin.example/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc');
  const far = await second.accept();
  await far.head();
  await far.expect('abc');
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  t.match(await client.head(), /^HTTP\/1\.1 200 /);
  t.match(await proxy.ended(1), [{ outcome: 'completed', peer: 'p1' }]);
});
