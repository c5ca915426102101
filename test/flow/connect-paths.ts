/**
 * A CONNECT that comes in one piece is read by Weir itself, any other by Node's HTTP: who reads it makes no difference to what
 * the client, the origin and the record are told.
 */
import t from 'tap';
import { blackHole } from '../fixtures/black-hole.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { allRead, startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const POLICY = {
  access: '[{ name: no-cookies, deny: [cookies] }, { name: some, allow: [all] }]',
  acls: '{ cookies: { ports: [1] } }',
};

/** By what is asked for; `ORIGIN` is the origin's authority. */
const HEADS: Readonly<Record<string, string>> = {
  'a tunnel': 'CONNECT ORIGIN HTTP/1.1\r\nHost: ORIGIN\r\nUser-Agent: a/1\r\n\r\n',
  'a tunnel on a connection that is to close':
    'CONNECT ORIGIN HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'a port that a rule denies': 'CONNECT origin.example:1 HTTP/1.1\r\nHost: x\r\n\r\n',
  'no Host field': 'CONNECT ORIGIN HTTP/1.1\r\nA: b\r\n\r\n',
  'two Host fields': 'CONNECT ORIGIN HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'no port': 'CONNECT origin.example HTTP/1.1\r\nHost: x\r\n\r\n',
  'a port that is none': 'CONNECT origin.example:99999 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a special address': 'CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a forged field of our hops': 'CONNECT ORIGIN HTTP/1.1\r\nHost: x\r\nWeir-Transaction: abcdefgh1\r\n\r\n',
  'more than 200 fields': `CONNECT ORIGIN HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(201)}\r\n`,
  JSON: 'CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n',
};

const OWN =
  /"transaction_id":"[^"]*"|Weir-Transaction: \S+|Transaction: \S+|Content-Length: \d+|Date: [^\r]+/g;

interface Told {
  readonly answer: string;
  readonly ending: string;
  readonly record: object;
}

/** Says `pieces`, each read before the next; a tunnel carries a few bytes and ends. */
async function ask(proxy: TestProxy, pieces: readonly string[]): Promise<Told> {
  await using client = await RawClient.connect(proxy.port);
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await allRead(proxy);
    client.send(piece);
  }
  const head = await client.head();
  if (head.startsWith('HTTP/1.1 200')) client.end();
  const answer = head + (await client.rest());
  client.end();
  await client.closed();
  const records = await proxy.ended(pieces.length);
  const { outcome, reason, detail, status, rule, target, host, port, bytesToClient } = {
    target: undefined,
    ...records.at(-1),
  } as Record<string, unknown>;
  return {
    answer: answer.replace(OWN, ''),
    ending: client.ending,
    record: { outcome, reason, detail, status, rule, target, host, port, bytesToClient },
  };
}

for (const [what, text] of Object.entries(HEADS)) {
  t.test(`${what} is the same to both`, async (t) => {
    await using origin = await rawOrigin();
    const head = text.replaceAll('ORIGIN', `origin.example:${origin.port}`);
    const told: Told[] = [];
    for (const cut of [head.length, 5]) {
      await using proxy = await startProxy(yamlOf(POLICY));
      const asking = ask(proxy, [head.slice(0, cut), head.slice(cut)].filter(Boolean));
      if (what.includes('tunnel') || what.includes('forged')) {
        const far = await origin.accept();
        await far.rest();
        far.end();
      }
      told.push(await asking);
    }
    t.same(told[0], told[1]);
    t.match(told[0]?.answer, /^HTTP\/1\.1 [2-5]\d\d /);
  });
}

t.test('bytes glued to the head reach the origin, whoever reads it', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  for (const cut of [0, 7]) {
    await using client = await RawClient.connect(proxy.port);
    const head = `CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\nglued`;
    if (cut > 0) {
      client.send(head.slice(0, cut));
      await allRead(proxy);
    }
    client.send(head.slice(cut));
    const far = await origin.accept();
    await far.expect('glued');
    client.send(' and more');
    await far.expect(' and more');
    far.end();
    client.end();
    await client.closed();
    t.match(client.take(), /^HTTP\/1\.1 200 Connection established\r\n/);
  }
});

t.test('a client that leaves while its tunnel is being set up is noticed', async (t) => {
  await using hole = await blackHole();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  client.send(`CONNECT 127.0.0.1:${hole.port} HTTP/1.1\r\nHost: x\r\n\r\nearly`);
  await allRead(proxy);
  client.reset();
  const records = await proxy.ended(2);
  t.match(records[1], { outcome: 'client_gone', closedBy: 'client', status: 0 });
  await proxy.allClosed();
});
