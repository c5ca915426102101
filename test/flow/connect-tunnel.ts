/** CONNECT, from the head to the end of the tunnel: what is refused, what is not lost, what each side and the record see. */
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';

const ESTABLISHED =
  /^HTTP\/1\.1 200 Connection established\r\nProxy-Status: t;next-hop="127\.0\.0\.1:\d+"\r\nWeir-Transaction: \S+\r\n\r\n$/;

t.test('a tunnel carries the exact bytes both ways and ends in order', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const clientPort = client.socket.localPort;
  const head = await client.tunnel(`ORIGIN.example.:${origin.port}`);
  t.match(head, ESTABLISHED);
  const far = await origin.accept();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('latin1');
  client.send(bytes);
  await far.expect(bytes);
  far.send(`${bytes}${bytes}`);
  await client.expect(`${bytes}${bytes}`);
  client.end();
  t.equal(await far.rest(), '');
  far.end();
  t.equal(await client.rest(), '');
  t.equal(client.ending, 'end');
  t.equal(far.ending, 'end');
  const [record] = await proxy.ended(1);
  t.match(record, {
    event: 'end',
    hop: 't',
    listener: 'main',
    clientIp: '127.0.0.1',
    clientPort,
    method: 'CONNECT',
    host: 'origin.example',
    port: origin.port,
    outcome: 'completed',
    reason: undefined,
    error: undefined,
    status: 200,
    rule: 'everything',
    route: 'out',
    peer: undefined,
    upstreamIp: '127.0.0.1',
    bytesFromClient: 256,
    bytesToClient: 512,
    closedBy: 'client',
  });
  t.ok(head.includes(`Weir-Transaction: ${record?.transactionId}\r\n`), 'the client knows the id in the log');
  t.same(
    proxy.records.map(({ event }) => event),
    ['open', 'end'],
  );
  t.equal(origin.accepted, 1);
  await proxy.allClosed();
});

t.test('bytes glued to the head reach the origin, and an origin that speaks first is heard', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  client.send(`CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\nclient speaks`);
  const far = await origin.accept();
  far.send('220 origin speaks first\r\n');
  await far.expect('client speaks');
  t.match(await client.head(), ESTABLISHED);
  await client.expect('220 origin speaks first\r\n');
  client.end();
  far.end();
  t.match(await proxy.ended(1), [{ bytesFromClient: 13, bytesToClient: 25, outcome: 'completed' }]);
});

t.test('an origin that speaks and ends at once is heard to the end', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const answer = client.tunnel(`origin.example:${origin.port}`);
  const far = await origin.accept();
  far.socket.end('bye');
  t.match(await answer, ESTABLISHED);
  t.equal(await client.rest(), 'bye');
  t.equal(client.ending, 'end');
  client.end();
  t.match(await proxy.ended(1), [{ bytesToClient: 3, outcome: 'completed', closedBy: 'upstream' }]);
});

t.test('half a megabyte glued to the head arrives whole', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const bytes = 'x'.repeat(500_000);
  client.send(`CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n${bytes}`);
  client.end();
  const far = await origin.accept();
  t.equal(await far.rest(), bytes);
  far.end();
  await client.rest();
  t.match(await proxy.ended(1), [{ bytesFromClient: 500_000, outcome: 'completed' }]);
});

// Attacks: no-dial.
t.test(
  'a denied CONNECT is not dialled; the answer is whole and the end clean though bytes were sent',
  async (t) => {
    await using origin = await rawOrigin();
    await using proxy = await startProxy(yamlOf({ access: '[{ name: no-way, deny: [all] }]' }));
    await using client = await RawClient.connect(proxy.port);
    client.send(`CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n${'y'.repeat(300_000)}`);
    const answer = await client.rest();
    client.send('and more after the FIN');
    client.end();
    await client.closed();
    t.equal(client.ending, 'end', 'FIN, no RST');
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    t.match(head, /^HTTP\/1\.1 403 Denied by t rule no-way\r\n/);
    t.match(head, /\r\nProxy-Status: t;error=http_request_denied;details="rule_denied rule=no-way"\r\n/);
    t.match(head, /\r\nConnection: close$/);
    t.ok(head.includes(`\r\nContent-Length: ${body.length}\r\n`));
    t.match(body, /^Denied by t rule no-way\nCheck the named ACL rule /);
    t.equal(origin.accepted, 0, 'the origin saw nothing');
    const [record] = await proxy.ended(1);
    t.match(record, { outcome: 'denied', reason: 'rule_denied', error: 'http_request_denied', status: 403 });
    t.match(record, { rule: 'no-way', route: undefined, upstreamIp: undefined, port: origin.port });
    t.equal(proxy.records.length, 1, 'a denial has no open record');
  },
);

// Attacks: default-deny.
t.test('without a rule that allows, the answer is no', async (t) => {
  await using proxy = await startProxy(
    yamlOf({ acls: '{ web: { ports: [443] } }', access: '[{ name: web, allow: [web] }]' }),
  );
  await using client = await RawClient.connect(proxy.port);
  t.match(await client.tunnel('origin.example:80'), /^HTTP\/1\.1 403 Denied by t, no rule allows it\r\n/);
  t.match(await proxy.ended(1), [{ reason: 'no_rule_matched', rule: undefined, outcome: 'denied' }]);
});

t.test('an origin that refuses is 502 with a hint', async (t) => {
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  client.send(`CONNECT origin.example:${await closedPort()} HTTP/1.1\r\nHost: x\r\n\r\nhello`);
  const answer = await client.rest();
  t.equal(client.ending, 'end');
  t.match(answer, /^HTTP\/1\.1 502 Target refused the connection \(t\)\r\n/);
  t.match(answer, /\r\nProxy-Status: t;error=connection_refused;details="connection_refused"\r\n/);
  t.match(answer, /\nCheck that the target listens on this port\.\n/);
  t.match(await proxy.ended(1), [
    { outcome: 'failed', reason: 'connection_refused', error: 'connection_refused', status: 502 },
  ]);
});

t.test('Host is not what decides, but it must be there once', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yamlOf());
  const ask = async (lines: string): Promise<string> => {
    await using client = await RawClient.connect(proxy.port);
    client.send(`CONNECT origin.example:${origin.port} HTTP/1.${lines}\r\n\r\n`);
    client.end();
    return (await client.head()).slice(0, 12);
  };
  t.equal(await ask('1\r\nHost: quite.another.example:1'), 'HTTP/1.1 200');
  t.equal(await ask('1\r\nHost:'), 'HTTP/1.1 200');
  t.equal(await ask('0\r\nUser-Agent: old'), 'HTTP/1.1 200', 'HTTP/1.0 has no Host');
  t.equal(await ask('1\r\nUser-Agent: new'), 'HTTP/1.1 400', 'HTTP/1.1 must have it');
  t.equal(await ask('1\r\nHost: a\r\nHost: a'), 'HTTP/1.1 400', 'two are refused even where equal');
  t.equal(await ask('0\r\nHost: a\r\nHost: b'), 'HTTP/1.1 400');
  const records = await proxy.ended(6);
  t.equal(records.filter(({ reason }) => reason === 'request_malformed').length, 3);
  t.equal(origin.accepted, 3);
});

t.test('a CONNECT with content is refused, Content-Length: 0 is not', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yamlOf());
  const ask = async (fields: string, body = ''): Promise<string> => {
    await using client = await RawClient.connect(proxy.port);
    client.send(`CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n${body}`);
    const answer = await client.head();
    client.end();
    await client.closed();
    t.equal(client.ending, 'end');
    return answer.slice(0, 12);
  };
  t.equal(await ask('Content-Length: 0'), 'HTTP/1.1 200');
  t.equal(await ask('Content-Length: 5', 'hello'), 'HTTP/1.1 400');
  t.equal(await ask('Content-Length: 00'), 'HTTP/1.1 400');
  t.equal(await ask('Transfer-Encoding: chunked', '0\r\n\r\n'), 'HTTP/1.1 400');
  t.equal(await ask('Transfer-Encoding: identity'), 'HTTP/1.1 400');
  t.equal(await ask('Content-Length: 0\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 'HTTP/1.1 400');
  t.match((await proxy.ended(6)).map(({ status }) => status).sort(), [200, 400, 400, 400, 400, 400]);
  t.equal(origin.accepted, 1);
});

t.test('CONNECT may follow a request on a connection that was kept', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const web = await origin.accept();
  await web.head();
  web.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  await client.until((text) => text.endsWith('\r\n\r\nhi'));
  t.match(await client.tunnel(`origin.example:${origin.port}`), ESTABLISHED);
  const far = await origin.accept();
  client.send('ping');
  await far.expect('ping');
  far.send('pong');
  await client.expect('pong');
  client.end();
  far.end();
  const [get, tunnel] = await proxy.ended(2);
  t.match([get?.method, tunnel?.method], ['GET', 'CONNECT']);
  t.match(tunnel, { bytesFromClient: 4, bytesToClient: 4 });
});

t.test('CONNECT sent before the answer to a GET waits for its turn', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const target = `origin.example:${origin.port}`;
  client.send(`GET http://${target}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  client.send(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\nearly`);
  const web = await origin.accept();
  await web.head();
  web.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.match(
    await client.until((text) => text.endsWith('\r\n\r\n')),
    /^HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\nhiHTTP\/1\.1 200 Conn/,
  );
  const far = await origin.accept();
  await far.expect('early');
  far.send('late');
  await client.expect('late');
  client.end();
  far.end();
  t.same(
    (await proxy.ended(2)).map(({ method }) => method),
    ['GET', 'CONNECT'],
  );
});
