import t from 'tap';
import { checkTls } from '#config/crosscheck-tls.ts';
import { outline, told } from '../../fixtures/config.ts';

t.test('checkTls() wants cert and key of a peer together', async (t) => {
  const flaws = (tls: string): string[] => told(checkTls(outline(`peers: { p: { tls: ${tls} } }`)));
  t.strictSame(flaws('{ ca: a, cert: b, key: c }'), []);
  t.strictSame(flaws('{ ca: a }'), []);
  t.strictSame(flaws('nonsense'), []);
  t.strictSame(flaws('{ ca: a, cert: b }'), [
    'peers.p.tls.cert (key): Key "cert" does nothing without "key". Add key, or remove cert',
  ]);
  t.strictSame(flaws('{ ca: a, key: c }'), [
    'peers.p.tls.key (key): Key "key" does nothing without "cert". Add cert, or remove key',
  ]);
  t.strictSame(
    told(checkTls(outline('listeners: [{ tls: { cert: a } }]'))),
    [],
    'the schema says so of listeners',
  );
});

t.test('checkTls() wants a listener that asks for certificates where an ACL does', async (t) => {
  const acls = 'acls: { shown: { clientCerts: ["cn:x"] }, other: { ports: [1] } }';
  const expected = [
    'acls.shown.clientCerts (key): ACL "shown" asks for certificates of clients, but no listener does',
  ];
  const messages = (yaml: string): string[] =>
    told(checkTls(outline(yaml))).map((text) => text.split('. Add')[0] ?? '');
  t.strictSame(messages(acls), expected);
  t.strictSame(messages(`${acls}\nlisteners: [{ tls: { cert: a, key: b } }]`), expected);
  t.strictSame(messages(`${acls}\npeers: { p: { tls: { ca: a } } }`), expected);
  t.strictSame(messages(`${acls}\nlisteners: [{ tls: { cert: a, key: b, clientCa: c } }]`), []);
  t.strictSame(messages('acls: nonsense'), []);
});
