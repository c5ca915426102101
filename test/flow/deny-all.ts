/**
 * A proxy that allows nothing, and everything that anybody may send to it: requests that are nearly right, changed at random. Not one
 * is dialled, resolved or answered with less than a refusal.
 */
import fc from 'fast-check';
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { startDnsServer } from '../fixtures/dns-server.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

const RUNS = 300;
/** `HOST` is an origin that would be reached at once. */
const REQUESTS = [
  'CONNECT HOST HTTP/1.1\r\nHost: HOST\r\n\r\n\x16\x03\x01\x00\x05hello',
  'GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'POST http://HOST/a?b HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\nhello',
  'POST http://HOST/ HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
  'GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'OPTIONS http://HOST HTTP/1.1\r\nHost: HOST\r\nMax-Forwards: 1\r\n\r\n',
  'TRACE http://HOST/ HTTP/1.0\r\n\r\n',
  'GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nWeir-Identity: a.b.c\r\nProxy-Authorization: Basic YTpi\r\n\r\n',
];

/** What is put in, in place of up to so many bytes. */
const change = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(4),
  fc.constantFrom(
    '',
    '\r\n',
    '\r\n\r\n',
    ' ',
    '\t',
    ':',
    '@',
    '%00',
    '\0',
    '\xff',
    '/',
    '?',
    '#',
    'GET ',
    '1',
  ),
);
const attack = fc.record({
  requests: fc.array(fc.constantFrom(...REQUESTS), { minLength: 1, maxLength: 3 }),
  changes: fc.array(change, { maxLength: 4 }),
});

function changed(text: string, [place, length, by]: readonly [number, number, string]): string {
  const at = Math.floor(place * text.length);
  return text.slice(0, at) + by + text.slice(at + length);
}

// Attacks: default-deny, no-dial, recorded-once.
t.test(`${RUNS} clients of a proxy that allows nothing reach nobody, whatever they send`, async (t) => {
  await using origin = await rawOrigin();
  await using server = await startDnsServer(() => ({ addresses: ['127.0.0.1'] }));
  await using proxy = await startProxy(
    yamlOf({
      acls: '{ never: { src: [192.0.2.1] }, named: { dstDomains: [.example] }, near: { dst: [127.0.0.0/8] } }',
      access: '[{ name: never, allow: [never, near] }, { name: unnamed, allow: ["!named", never] }]',
      dns: `{ hostsFile: none, servers: ["${server.address}"] }`,
    }),
  );
  await fc.assert(
    fc.asyncProperty(attack, async ({ requests, changes }) => {
      await using client = await RawClient.connect(proxy.port);
      const text = requests.join('').replaceAll('HOST', `origin.example:${origin.port}`);
      client.send(changes.reduce(changed, text));
      client.end();
      const answers = await client.rest();
      if (/^HTTP\/1\.1 [123]/m.test(answers)) throw new Error(`Answered: ${answers}`);
    }),
    { numRuns: RUNS, seed: 20_261_128 },
  );
  await proxy.allClosed();
  t.equal(origin.accepted, 0, 'nobody was reached');
  t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0, 'nobody was dialled');
  t.same(server.questions, [], 'no name was asked for');
  const outcomes = new Set(proxy.records.map(({ outcome }) => outcome));
  t.ok(outcomes.delete('denied') && outcomes.delete('failed'));
  outcomes.delete('client_gone');
  t.same([...outcomes], []);
});
