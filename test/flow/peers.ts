/**
 * Two tiers in this process: what passes between them, and what of the second tier's answer reaches the client. What is
 * about the target is no fault of the peer.
 */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { RCODE, startDnsServer } from '../fixtures/dns-server.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';

/** Both kinds of transaction, as a client asks for them. */
const KINDS = {
  CONNECT: (authority: string) => `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`,
  GET: (authority: string) => `GET http://${authority}/ HTTP/1.1\r\nHost: ${authority}\r\n\r\n`,
} as const;

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const FORGED = { 'Weir-Transaction': 'forged-transaction-id', 'Weir-Identity': 'forged.identity.claim' };
const FORGED_FIELDS = Object.entries(FORGED)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');

function isPeerUp(proxy: TestProxy, name = 'p0'): boolean | undefined {
  return proxy.proxy.context.generation.peers.get(name)?.isUp;
}

t.test('CONNECT: both records carry one transaction id, and the origin sees bytes alone', async (t) => {
  await using origin = await rawOrigin();
  await using t2 = await startSecondTier();
  await using t1 = await startFirstTier([t2.port]);
  await using client = await RawClient.connect(t1.port);
  const head = await client.tunnel(`origin.example:${origin.port}`, FORGED_FIELDS);
  const far = await origin.accept();
  client.send('ping');
  await far.expect('ping');
  client.end();
  far.end();
  const [first] = await t1.ended(1);
  const [second] = await t2.ended(1);
  t.match(first, { peer: 'p0', route: 'out', upstreamIp: '127.0.0.1', outcome: 'completed' });
  t.match(second, { peer: undefined, outcome: 'completed', bytesFromClient: 4 });
  t.equal(second?.transactionId, first?.transactionId);
  t.not(first?.transactionId, FORGED['Weir-Transaction'], "a client's id is not believed");
  t.same(t1.forgedFields, ['weir-identity', 'weir-transaction'], 'and is counted');
  t.same(t2.forgedFields, [], "a trusted hop's is not");
  t.same(head.slice(0, -4).split('\r\n'), [
    'HTTP/1.1 200 Connection established',
    `Proxy-Status: t2;next-hop="127.0.0.1:${origin.port}", t1;next-hop="127.0.0.1:${t2.port}"`,
    `Weir-Transaction: ${first?.transactionId}`,
  ]);
  t.ok(isPeerUp(t1));
});

t.test('GET: both records carry one transaction id, which the origin does not see', async (t) => {
  await using origin = await rawOrigin();
  await using t2 = await startSecondTier();
  await using t1 = await startFirstTier([t2.port]);
  await using client = await RawClient.connect(t1.port);
  client.send(`GET http://origin.example:${origin.port}/a?b HTTP/1.1\r\nHost: x\r\n${FORGED_FIELDS}\r\n`);
  const far = await origin.accept();
  const seen = await readAnswer(far);
  t.equal(seen.first, 'GET /a?b HTTP/1.1');
  t.notMatch(seen.lines.join('\n'), /weir-/i);
  t.match(seen.fields, { via: /^1\.1 t1-\w+, 1\.1 t2-\w+$/, host: `origin.example:${origin.port}` });
  far.send(OK);
  t.match(await readAnswer(client), { first: 'HTTP/1.1 200 OK', body: 'hi' });
  const [first] = await t1.ended(1);
  const [second] = await t2.ended(1);
  t.match(first, { peer: 'p0', outcome: 'completed', status: 200 });
  t.equal(second?.transactionId, first?.transactionId);
  t.not(first?.transactionId, FORGED['Weir-Transaction']);
});

for (const [kind, ask] of Object.entries(KINDS)) {
  t.test(`${kind}: a peer that is no hop of ours gets no field of ours`, async (t) => {
    await using peer = await rawOrigin();
    await using t1 = await startProxy(
      yamlOf({
        peers: `{ squid: { address: 127.0.0.1:${peer.port} } }`,
        routes: '[{ name: out, peers: [squid] }]',
      }),
    );
    await using client = await RawClient.connect(t1.port);
    client.send(ask('origin.example:8080').replace(/\r\n$/, `${FORGED_FIELDS}\r\n`));
    const far = await peer.accept();
    const seen = await far.head();
    t.equal(seen.split('\r\n')[0], ask('origin.example:8080').split('\r\n')[0]);
    t.notMatch(seen, /weir-/i);
    t.match(seen, /\r\nVia: 1\.1 t-\w+\r\n/);
    far.send(
      'HTTP/1.1 403 Forbidden\r\nProxy-Status: x;error=proxy_internal_error\r\nContent-Length: 2\r\n\r\nno',
    );
    const answer = await readAnswer(client);
    t.match(answer, { first: 'HTTP/1.1 403 Forbidden', body: 'no' });
    t.match(await t1.ended(1), [{ status: 403, peer: 'squid' }]);
    t.same(t1.peerFaults, [], 'its Proxy-Status is not believed');
  });

  t.test(`${kind}: the second tier's refusal reaches the client whole`, async (t) => {
    await using origin = await rawOrigin();
    await using t2 = await startSecondTier({ access: '[{ name: no-way, deny: [all] }]' });
    await using spare = await rawOrigin();
    await using t1 = await startFirstTier([t2.port, spare.port]);
    await using client = await RawClient.connect(t1.port);
    client.send(ask(`origin.example:${origin.port}`));
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 403 Denied by t2 rule no-way');
    const [theirs, ours] = (answer.fields['proxy-status'] ?? '').split(', ');
    t.equal(theirs, 't2;error=http_request_denied;details="rule_denied rule=no-way"');
    t.match(ours, /^t1;.*received-status=403/, 'our member comes last, and the fault is told as that of t2');
    t.notMatch(ours, /error=/);
    const [first] = await t1.ended(1);
    const [second] = await t2.ended(1);
    t.match(answer.body, /^Denied by t2 rule no-way\nCheck the named ACL rule /);
    t.ok(answer.body.endsWith(`Transaction: ${first?.transactionId}\n`));
    t.equal(answer.fields['weir-transaction'], first?.transactionId, 'once');
    t.match(first, { outcome: 'denied', reason: 'peer_refused', error: 'http_request_denied', status: 403 });
    t.match(second, { outcome: 'denied', reason: 'rule_denied', rule: 'no-way', status: 403 });
    t.equal(second?.transactionId, first?.transactionId);
    t.equal(origin.accepted + spare.accepted, 0, 'no other peer is asked after a refusal');
    t.ok(isPeerUp(t1));
    t.same(t1.peerFaults, []);
  });

  t.test(`${kind}: a target that refuses is told as the second tier told it`, async (t) => {
    const port = await closedPort();
    await using spare = await rawOrigin();
    await using t2 = await startSecondTier();
    await using t1 = await startFirstTier([t2.port, spare.port]);
    await using client = await RawClient.connect(t1.port);
    client.send(ask(`origin.example:${port}`));
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 502 Target refused the connection (t2)');
    t.match(answer.fields['proxy-status'], /^t2;error=connection_refused;[^,]*, t1;[^,]*$/);
    t.match(await t1.ended(1), [
      { outcome: 'failed', reason: 'peer_failed', error: 'connection_refused', status: 502 },
    ]);
    t.match(await t2.ended(1), [{ outcome: 'failed', reason: 'connection_refused', status: 502 }]);
    t.ok(isPeerUp(t1));
    t.same(t1.peerFaults, []);
    t.equal(spare.accepted, 0);
  });

  t.test(`${kind}: a name that does not exist is told as the second tier told it`, async (t) => {
    await using dns = await startDnsServer(() => ({ rcode: RCODE.nxDomain }));
    await using t2 = await startSecondTier({ dns: `{ hostsFile: none, servers: ["${dns.address}"] }` });
    await using t1 = await startFirstTier([t2.port]);
    await using client = await RawClient.connect(t1.port);
    client.send(ask('no.such.example:80'));
    const answer = await readAnswer(client);
    t.match(answer.first, /^HTTP\/1\.1 502 .*\(t2\)$/);
    t.match(answer.fields['proxy-status'], /^t2;error=dns_error;[^,]*, t1;[^,]*$/);
    t.match(await t1.ended(1), [{ reason: 'peer_failed', error: 'dns_error', dnsMs: undefined }]);
    t.match(await t2.ended(1), [{ reason: 'dns_error', error: 'dns_error' }]);
    t.ok(isPeerUp(t1));
  });

  // Attacks: no-direct.
  t.test(`${kind}: without a route the answer is 500, and nobody is dialled`, async (t) => {
    await using origin = await rawOrigin();
    await using proxy = await startProxy(
      yamlOf({
        acls: '{ nobody: { src: [192.0.2.0/24] } }',
        routes: '[{ name: out, when: [nobody], direct: true }]',
      }),
    );
    await using client = await RawClient.connect(proxy.port);
    client.send(ask(`origin.example:${origin.port}`));
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 500 No route (t)');
    t.match(answer.fields['proxy-status'], /^t;error=proxy_configuration_error;details="no_route"$/);
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'no_route', upstreamIp: undefined }]);
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0);
    t.equal(origin.accepted, 0);
  });
}

t.test("an origin's forged Proxy-Status does not mark the peer", async (t) => {
  await using origin = await rawOrigin();
  await using t2 = await startSecondTier();
  await using t1 = await startFirstTier([t2.port]);
  await using client = await RawClient.connect(t1.port);
  const forgeries = ['t2;error=proxy_internal_error', 't2;error=http_request_denied;details="'];
  for (const forged of forgeries) {
    client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send(
      `HTTP/1.1 503 Down\r\nProxy-Status: ${forged}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    far.end();
    t.match(await readAnswer(client), { first: 'HTTP/1.1 503 Down' });
  }
  t.match(await t1.ended(2), [
    { outcome: 'completed', reason: undefined, error: undefined, status: 503 },
    { outcome: 'completed', reason: undefined, error: undefined, status: 503 },
  ]);
  t.match(await t2.ended(2), [{ outcome: 'completed' }, { outcome: 'completed' }]);
  t.ok(isPeerUp(t1));
  t.same(t1.peerFaults, []);
});

t.test('an origin that breaks off its answer does not mark the peer', async (t) => {
  await using origin = await rawOrigin();
  await using t2 = await startSecondTier();
  await using t1 = await startFirstTier([t2.port]);
  await using client = await RawClient.connect(t1.port);
  client.send(KINDS.GET(`origin.example:${origin.port}`));
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  await client.until((text) => text.endsWith('half'));
  far.reset();
  t.equal(await client.rest(), '');
  t.equal(client.ending, 'ECONNRESET', 'half an answer does not end as if it were whole');
  t.match(await t2.ended(1), [{ outcome: 'failed', reason: 'response_incomplete' }]);
  t.match(await t1.ended(1), [{ outcome: 'failed', peer: 'p0' }]);
  t.ok(isPeerUp(t1), 'nobody can tell whose fault it was');
  t.same(t1.peerFaults, []);
});

// Attacks: own-identity.
t.test('the second tier believes nobody but the hops that it trusts', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startSecondTier({ acls: '{ near: { src: [192.0.2.0/24] } }' });
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n${FORGED_FIELDS}\r\n`);
  const far = await origin.accept();
  t.notMatch(await far.head(), /weir-/i);
  far.send(OK);
  t.equal((await readAnswer(client)).fields['proxy-status'], undefined, 'no hop of ours, no Proxy-Status');
  const [record] = await proxy.ended(1);
  t.not(record?.transactionId, FORGED['Weir-Transaction']);
  t.same(proxy.forgedFields, ['weir-identity', 'weir-transaction']);
});
