/** Who asks, told from one tier to the next: believed where it is signed, bound to one request, and known to nobody else. */
import t, { type Test } from 'tap';
import { type Answer, readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { keyFile, startAssertingTier, startTrustingTier } from '../fixtures/hops.ts';
import { httpOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

async function get(proxy: TestProxy, port: number, ...fields: readonly string[]): Promise<Answer> {
  await using client = await RawClient.connect(proxy.port);
  const lines = [`GET http://origin.example:${port}/ HTTP/1.1`, 'Host: x', ...fields];
  client.send(`${lines.join('\r\n')}\r\n\r\n`);
  return await readAnswer(client);
}

interface Stage {
  readonly t1: TestProxy;
  readonly t2: TestProxy;
  /** Names of the fields that the origin has seen. */
  readonly seen: readonly string[];
  readonly port: number;
}

/** Declares a test of two tiers that tell each other who asks, and a web server behind. */
function chained(
  title: string,
  play: (t: Test, stage: Stage) => Promise<void>,
  first: Record<string, string> = {},
): void {
  t.test(title, async (t) => {
    const seen: string[] = [];
    await using web = await httpOrigin((request, response) => {
      seen.push(
        ...request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()),
      );
      request.resume();
      request.on('end', () => {
        seen.push(
          ...request.rawTrailers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()),
        );
        response.end('hi');
      });
    });
    const file = keyFile(t, 1, 2);
    await using t2 = await startTrustingTier(file);
    await using t1 = await startAssertingTier([t2.port], file, first);
    await play(t, { t1, t2, seen, port: web.port });
    t.notOk(
      seen.some((name) => name.startsWith('weir-')),
      'the origin is told nothing',
    );
  });
}

const POD = { namespace: 'api', pod: 'api-0', serviceAccount: 'builder' };

chained('the second tier knows the pod, by tunnel and by request', async (t, { t1, t2, port }) => {
  t.match(await get(t1, port), { status: 200, body: 'hi' });
  await using client = await RawClient.connect(t1.port);
  const head = await client.tunnel(`origin.example:${port}`);
  t.match(head, /^HTTP\/1\.1 200 /);
  t.notMatch(head, /server-timing|weir-identity/i, 'what is for hops stays with them');
  client.end();
  await client.rest();
  const [first] = await t1.ended(2);
  t.match(await t1.ended(2), [
    { ...POD, assertedIp: undefined, clientIp: '127.0.0.1' },
    { ...POD, method: 'CONNECT' },
  ]);
  t.match(await t2.ended(2), [
    { ...POD, assertedIp: '127.0.0.1', rule: 'api', transactionId: first?.transactionId },
    { ...POD, assertedIp: '127.0.0.1', rule: 'api', method: 'CONNECT' },
  ]);
  t.same(t2.assertions, ['accepted', 'accepted']);
});

t.test('a refused word of the first tier is told by the one id that the client can ask for', async (t) => {
  await using t2 = await startTrustingTier(keyFile(t, 1));
  await using t1 = await startAssertingTier([t2.port], keyFile(t, 2));
  for (const accept of ['text/plain', 'application/json']) {
    for (const line of ['GET http://origin.example:9/ HTTP/1.1', 'CONNECT origin.example:9 HTTP/1.1']) {
      await using client = await RawClient.connect(t1.port);
      client.send(`${line}\r\nHost: x\r\nAccept: ${accept}\r\n\r\n`);
      const { status, fields, body } = await readAnswer(client);
      t.equal(status, 403);
      const ids = body.match(/\b[0-9a-f]{16}-[0-9a-z]+\b/g);
      t.same(ids, [fields['weir-transaction']], line);
    }
  }
  const [ours, theirs] = [await t1.ended(4), await t2.ended(4)];
  t.equal(theirs.filter(({ reason }) => reason === 'assertion_refused').length, 4);
  for (const { transactionId } of ours) {
    const found = theirs.filter(({ detail }) => detail?.includes(`with transaction "${transactionId}"`));
    t.equal(found.length, 1, 'by which the other log is found');
    t.not(found[0]?.transactionId, transactionId);
  }
});

chained('the record of the first tier has the phases of the second', async (t, { t1, t2, port }) => {
  await using client = await RawClient.connect(t1.port);
  await client.tunnel(`origin.example:${port}`);
  client.end();
  await client.rest();
  const [[here], [there]] = [await t1.ended(1), await t2.ended(1)];
  t.ok(here?.peerConnectMs !== undefined && there?.connectMs !== undefined);
  t.ok(Math.abs((here?.peerConnectMs ?? 0) - (there?.connectMs ?? 0)) <= 0.001, 'to the microsecond');
  t.equal(there?.peerConnectMs, undefined);
});

chained(
  'a client that nothing is known of is known by its address alone',
  async (t, { t1, t2, port }) => {
    t.match(await get(t1, port), { status: 403, first: /no rule|Denied/ });
    t.match(await t2.ended(1), [
      { namespace: undefined, pod: undefined, assertedIp: '127.0.0.1', reason: 'no_rule_matched' },
    ]);
    t.same(t2.assertions, ['accepted']);
  },
  { identity: '{}' },
);

chained(
  'only the labels that are to be told are',
  async (t, { t1, t2, port }) => {
    t.match(await get(t1, port), { status: 403 });
    t.match(await t2.ended(1), [{ ...POD, reason: 'no_rule_matched' }], 'it lacks the label "app"');
  },
  {
    identity:
      '{ static: { 127.0.0.0/8: { namespace: api, pod: api-0, serviceAccount: builder, podLabels: { team: x } } } }',
  },
);

chained("a client's own copy goes nowhere, and is counted", async (t, { t1, t2, seen, port }) => {
  const own = ['Weir-Identity: x.y.z', 'weir-transaction: 0123456789'];
  t.match(await get(t1, port, ...own), { status: 200 });
  await using client = await RawClient.connect(t1.port);
  t.match(await client.tunnel(`origin.example:${port}`, `${own.join('\r\n')}\r\n`), /^HTTP\/1\.1 200 /);
  client.end();
  await client.rest();
  t.same(t1.forgedFields.toSorted(), [
    'weir-identity',
    'weir-identity',
    'weir-transaction',
    'weir-transaction',
  ]);
  t.same(t2.assertions, ['accepted', 'accepted'], "what arrives is the first tier's");
  t.match(await t2.ended(2), [{ ...POD }, { ...POD }]);
  t.ok(seen.length > 0);
});

// Attacks: own-identity.
chained('a client cannot have it removed, nor bring one in trailers', async (t, { t1, t2, port }) => {
  t.match(await get(t1, port, 'Connection: Weir-Identity'), { status: 400 });
  t.match(await get(t1, port, 'Connection: close, weir-transaction'), { status: 400 });
  await using tunnel = await RawClient.connect(t1.port);
  const fields = 'Connection: Weir-Identity\r\n';
  t.match(await tunnel.tunnel(`origin.example:${port}`, fields), /^HTTP\/1\.1 200 /);
  tunnel.end();
  await tunnel.rest();
  await using client = await RawClient.connect(t1.port);
  const lines = [
    `POST http://origin.example:${port}/ HTTP/1.1`,
    'Host: x',
    'Transfer-Encoding: chunked',
    'Trailer: Weir-Identity',
  ];
  client.send(`${lines.join('\r\n')}\r\n\r\n2\r\nhi\r\n0\r\nWeir-Identity: x.y.z\r\nX-End: 1\r\n\r\n`);
  t.match(await readAnswer(client), { status: 200 });
  t.same(t2.assertions, ['accepted', 'accepted']);
});

t.test('neither an origin nor a peer that is no hop is ever told', async (t) => {
  const file = keyFile(t, 1);
  const told = {
    identity: '{ static: { 127.0.0.0/8: { namespace: api } } }',
    hop: `{ assert: { keyFile: ${file} } }`,
  };
  await using far = await rawOrigin();
  const routes: Record<string, string>[] = [
    {},
    { peers: `{ squid: { address: 127.0.0.1:${far.port} } }`, routes: '[{ name: out, peers: [squid] }]' },
  ];
  for (const keys of routes) {
    await using proxy = await startProxy(yamlOf({ ...told, ...keys }));
    await using client = await RawClient.connect(proxy.port);
    client.send(`GET http://origin.example:${far.port}/ HTTP/1.1\r\nHost: x\r\nWeir-Identity: a.b.c\r\n\r\n`);
    const end = await far.accept();
    t.notMatch(await end.head(), /weir/i);
    end.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nWeir-Identity: a.b.c\r\n\r\n');
    t.notMatch((await readAnswer(client)).lines.join(), /weir-identity/i, 'and none comes back');
  }
  await using proxy = await startProxy(yamlOf({ ...told, ...routes[1] }));
  await using client = await RawClient.connect(proxy.port);
  client.send('CONNECT a.example:443 HTTP/1.1\r\nHost: x\r\n\r\n');
  const end = await far.accept();
  t.notMatch(await end.head(), /weir/i);
});

t.test('the next peer gets an assertion of its own', async (t) => {
  await using first = await rawOrigin();
  await using second = await rawOrigin();
  await using t1 = await startAssertingTier([first.port, second.port], keyFile(t, 1));
  const claims = (head: string): Record<string, unknown> => {
    const [, payload = ''] = /^Weir-Identity: [\w-]+\.([\w-]+)\.[\w-]{43}\r$/m.exec(head) ?? [];
    return JSON.parse(Buffer.from(payload, 'base64url').toString());
  };
  for (const line of ['CONNECT a.example:80', 'GET http://a.example/']) {
    await using client = await RawClient.connect(t1.port);
    client.send(`${line} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    const far = await first.accept();
    const asked = claims(await far.head());
    far.send(
      'HTTP/1.1 503 Shutting down (t2)\r\nProxy-Status: t2;details="draining"\r\nWeir-Transaction: 0123456789\r\nContent-Length: 0\r\n\r\n',
    );
    const next = claims(await (await second.accept()).head());
    t.match(asked, { aud: `127.0.0.1:${first.port}`, target: 'a.example:80', namespace: 'api' });
    t.match(next, { aud: `127.0.0.1:${second.port}`, transaction: asked.transaction });
    t.not(next.jti, asked.jti);
    const peer = t1.proxy.context.generation.peers.get('p0');
    peer?.succeeded();
  }
});
