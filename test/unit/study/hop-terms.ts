import t from 'tap';
import { parseHost } from '#net/host.ts';
import {
  helloTerms,
  isBelieved,
  isTold,
  listenerTerms,
  peerTerms,
  securityOfListener,
  securityOfPeer,
} from '#study/hop-terms.ts';

const IDENTITY = { cert: '', key: '' };
const MUTUAL = { ca: '', own: IDENTITY, serverName: 't2.example' };
const KEYS = [{ kid: 'one', secret: '' }];
const ASSERT = { keys: KEYS, labels: [] };
const VERIFY = { keys: KEYS, audience: ['t2.example:3128'], replayDirectory: undefined };
const SILENT = { trustFrom: undefined, verify: undefined, assert: undefined };

t.test('securityOfPeer() and securityOfListener() tell who shows a certificate', async (t) => {
  t.same(
    [undefined, { ...MUTUAL, own: undefined }, MUTUAL].map((tls) => securityOfPeer({ tls })),
    [undefined, 'TLS', 'mutual TLS'],
  );
  t.same(
    [undefined, { ...IDENTITY, clientCa: undefined }, { ...IDENTITY, clientCa: 'ca' }].map((tls) =>
      securityOfListener({ tls }),
    ),
    [undefined, 'TLS', 'mutual TLS'],
  );
});

t.test('isTold() and isBelieved() ask for both sides', async (t) => {
  t.same(
    [
      isTold({ hop: true }, { assert: ASSERT }),
      isTold({ hop: true }, SILENT),
      isTold({ hop: false }, { assert: ASSERT }),
    ],
    [true, false, false],
  );
  const [says, believes] = [
    { ...SILENT, assert: ASSERT },
    { ...SILENT, verify: VERIFY },
  ];
  t.ok(isBelieved('t2.example:3128', says, believes));
  t.notOk(isBelieved('vm.example:3128', says, believes), 'for another hop');
  t.notOk(isBelieved('t2.example:3128', SILENT, believes));
  t.notOk(isBelieved('t2.example:3128', says, SILENT));
  const other = { ...SILENT, verify: { ...VERIFY, keys: [{ kid: 'two', secret: '' }] } };
  t.notOk(isBelieved('t2.example:3128', says, other), 'by another key');
  const unread = [
    { ...SILENT, assert: { ...ASSERT, keys: [] } },
    { ...SILENT, verify: { ...VERIFY, keys: [] } },
  ] as const;
  t.ok(isBelieved('t2.example:3128', unread[0], other), 'nothing is known against keys that were not read');
  t.ok(isBelieved('t2.example:3128', says, unread[1]));
});

/** As far as the words read it. */
function answer(parts: object): Parameters<typeof listenerTerms>[0] & Parameters<typeof helloTerms>[0] {
  return parts as never;
}

t.test('listenerTerms() tells what a listener wants, where it is more than a connection', async (t) => {
  const listener = (clientCa: string | undefined) => ({ name: 'main', tls: { ...IDENTITY, clientCa } });
  const told = (listeners: readonly object[]) =>
    listenerTerms(answer({ tier: { config: { listeners } }, subject: { listener: 'main' } }));
  t.equal(told([]), undefined);
  t.equal(told([{ name: 'main' }]), undefined);
  t.equal(told([listener(undefined)]), 'listener main: TLS, clients show no certificate');
  t.equal(told([listener('ca')]), 'listener main: mutual TLS, with a certificate of clientCa');
});

t.test('peerTerms() tells what a peer has to show, and what it is told', async (t) => {
  const told = (peer: object, hop: object) =>
    peerTerms({ name: 'vm', ...peer } as never, { ...SILENT, ...hop });
  t.equal(told({ hop: true }, {}), undefined);
  t.equal(told({ hop: true }, { assert: ASSERT }), 'peer vm: it is told who asks (hop.assert)');
  t.equal(told({ tls: MUTUAL }, {}), 'peer vm: mutual TLS, its certificate has to name t2.example');
});

t.test('helloTerms() tells what a tunnel has to begin with', async (t) => {
  const told = (parts: { sni?: string; verdict?: string; method?: string; host?: string }) => {
    const { sni = 'verify', verdict = 'allow', method = 'CONNECT', host = 'a.example' } = parts;
    const subject = { method, host: parseHost(host) };
    return helloTerms(answer({ trace: { verdict, rule: { sni } }, subject }));
  };
  t.equal(told({}), 'sni verify: the ClientHello has to name a.example');
  t.equal(told({ host: '20.1.2.3' }), 'sni verify: the ClientHello has to name no server');
  t.equal(told({ sni: 'log' }), 'sni log: server name and ALPN of the ClientHello are recorded');
  for (const parts of [{ sni: 'off' }, { method: 'GET' }, { verdict: 'deny' }])
    t.equal(told(parts), undefined);
});
