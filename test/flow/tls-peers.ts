/** Peers that are not whom they should be, whose connections are kept apart, and who want to know by whom they are asked. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin, httpOrigin, tcpOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { firstTier, issuer, PEER_TLS, secondTier, stranger, t1 } from '../fixtures/tls-chain.ts';

const expired = await issuer.issue('expired', { names: 'IP:127.0.0.1', days: -1 });

/** Answers of a tier 1 to a CONNECT, to a GET, and to a POST whose body is yet to come: first line and Proxy-Status. */
async function answersOf(proxy: TestProxy): Promise<string[]> {
  const at = 'origin.example:9';
  const requests = [
    `CONNECT ${at} HTTP/1.1\r\nHost: ${at}\r\n\r\n`,
    `GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n\r\n`,
    `POST http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
  ];
  const answers: string[] = [];
  for (const request of requests) {
    await using client = await RawClient.connect(proxy.port);
    client.send(request);
    const head = await client.head();
    answers.push(`${head.slice(9, 12)} ${/error=(\w+)/.exec(head)?.[1]}`);
  }
  return answers;
}

// Attacks: true-peer.
t.test(
  'a peer that is not whom it should be is told as such, whatever is asked, and counts as at fault',
  async (t) => {
    await using second = await secondTier();
    for (const [peer, error] of [
      [`tls: { ca: ${issuer.caFile}, serverName: other.test }`, 'tls_certificate_error'],
      [`tls: { ca: ${stranger.caFile} }`, 'tls_certificate_error'],
      [`tls: { ca: ${issuer.caFile} }`, 'tls_alert_received'],
    ] as const) {
      await using first = await firstTier(second.port, peer);
      t.strictSame(await answersOf(first), Array(3).fill(`502 ${error}`), peer);
      t.match(await first.ended(3), Array(3).fill({ reason: error, error, outcome: 'failed', peer: 'vm' }));
      t.same(first.peerFaults, Array(3).fill(`vm ${error}`), 'once for each');
    }
    await using plain = await startSecondTier();
    await using first = await firstTier(plain.port);
    t.strictSame(await answersOf(first), Array(3).fill('502 tls_protocol_error'));
  },
);

t.test('a fault of TLS is told in the same words on every way, in one line', async (t) => {
  await using second = await secondTier();
  await using late = await startSecondTier({
    listeners: `[{ name: main, address: 127.0.0.1:0, tls: { cert: ${expired.certFile}, key: ${expired.keyFile} } }]`,
  });
  await using plain = await startSecondTier();
  const trusting = `tls: { ca: ${issuer.caFile} }`;
  for (const [port, peer, words] of [
    [
      second.port,
      `tls: { ca: ${issuer.caFile}, serverName: other.test }`,
      'certificate is for another name than other.test (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
    [
      second.port,
      `tls: { ca: ${stranger.caFile} }`,
      'certificate of none of the authorities that are trusted here (SELF_SIGNED_CERT_IN_CHAIN)',
    ],
    [
      second.port,
      trusting,
      'the other side wants a certificate, and was shown none (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)',
    ],
    [late.port, trusting, 'certificate has expired (CERT_HAS_EXPIRED)'],
    [plain.port, trusting, 'the other side speaks no TLS (ERR_SSL_WRONG_VERSION_NUMBER)'],
  ] as const) {
    await using first = await firstTier(port, peer);
    await answersOf(first);
    const told = (await first.ended(3)).map(({ detail = '' }) => detail.split(': ').at(-1));
    t.strictSame(told, Array(3).fill(words));
  }
});

t.test('behind a peer without a good certificate the next one is asked', async (t) => {
  await using origin = await echoOrigin();
  await using second = await secondTier();
  const bad = `bad: { address: 127.0.0.1:${second.port}, tls: { ca: ${stranger.caFile} } }`;
  await using first = await firstTier(second.port, undefined, {
    peers: `{ ${bad}, good: { address: 127.0.0.1:${second.port}, tls: ${PEER_TLS} } }`,
    routes: '[{ name: out, peers: [bad, good] }]',
  });
  await using client = await RawClient.connect(first.port);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  client.end();
  t.match(await first.ended(1), [{ peer: 'good' }]);
  t.strictSame(first.peerFaults, ['bad tls_certificate_error']);
});

// Attacks: true-peer.
t.test(
  'no connection is used for TLS with another peer, or without TLS, though it leads to the same place',
  async (t) => {
    await using origin = await httpOrigin((_request, response) => response.end('here'));
    await using second = await secondTier();
    const own = `cert: ${t1.certFile}, key: ${t1.keyFile}`;
    const peers = (ca: string): string =>
      `{ vm: { address: 127.0.0.1:${second.port}, tls: { ca: ${ca}, ${own} } } }`;
    const keys = { name: 't1', routes: '[{ name: out, peers: [vm] }]' };
    await using first = await startProxy(yamlOf({ ...keys, peers: peers(issuer.caFile) }));
    const get = async (): Promise<string> => {
      await using client = await RawClient.connect(first.port);
      const at = `origin.example:${origin.port}`;
      client.send(`GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n\r\n`);
      return (await client.rest()).slice(0, 12);
    };
    t.strictSame([await get(), await get()], ['HTTP/1.1 200', 'HTTP/1.1 200']);
    t.equal(first.proxy.context.tools.ledger.opened.upstream, 1, 'the connection is kept');
    await first.proxy.adopt(await parseConfig(yamlOf({ ...keys, peers: peers(stranger.caFile) }), {}));
    t.equal(
      await get(),
      'HTTP/1.1 502',
      'who is not believed any more is not asked by a connection of before',
    );
  },
);

// Attacks: secrets.
t.test('a peer is sent the credentials that are for it, and nobody else sees them', async (t) => {
  const heads: string[] = [];
  await using squid = await tcpOrigin((socket) => {
    socket.on('data', (chunk: Buffer) => {
      heads.push(String(chunk));
      socket.end('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const passwordFile = join(issuer.folder, 'password');
  await writeFile(passwordFile, 'hunter2\n');
  await using first = await firstTier(squid.port, `auth: { username: t1, passwordFile: ${passwordFile} }`);
  await using client = await RawClient.connect(first.port);
  client.send(
    'GET http://origin.example/ HTTP/1.1\r\nHost: origin.example\r\nProxy-Authorization: Basic b3RoZXI=\r\n\r\n',
  );
  const answer = await client.head();
  await using other = await RawClient.connect(first.port);
  const refused = await other.tunnel('origin.example:443', 'Proxy-Authorization: Basic b3RoZXI=\r\n');
  for (const head of [answer, refused])
    t.match(head, /^HTTP\/1\.1 502 [\s\S]*error=proxy_configuration_error/);
  const sent = `Proxy-Authorization: Basic ${Buffer.from('t1:hunter2').toString('base64')}\r\n`;
  for (const head of heads) {
    t.equal(head.split('Proxy-Authorization').length, 2, 'once');
    t.match(head, sent);
  }
  t.equal(heads.length, 2);
  t.notMatch(`${answer}${refused}${JSON.stringify(await first.ended(2))}`, /hunter2|dDE6aHVudGVyMg/);
});
