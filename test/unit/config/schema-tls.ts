import t from 'tap';
import { listenerTls, peerAuth, peerTls } from '#config/schema-tls.ts';

t.test('the schemas of TLS take files, and a server name in one form', async (t) => {
  t.ok(listenerTls.safeParse({ cert: 'a', key: 'b' }).success);
  t.notOk(listenerTls.safeParse({ cert: 'a' }).success);
  t.notOk(listenerTls.safeParse({ cert: 'a', key: 'b', ca: 'c' }).success, 'it is called clientCa');
  t.notOk(peerTls.safeParse({ cert: 'a', key: 'b' }).success, 'there is no peer without an authority');
  t.notOk(peerTls.safeParse({ ca: 'a', verify: false }).success, 'and no switch');
  t.match(peerTls.parse({ ca: 'a', serverName: 'P.Example.' }), { serverName: 'p.example' });
  t.match(peerTls.parse({ ca: 'a', serverName: '[::1]' }), { serverName: '::1' });
  t.notOk(peerTls.safeParse({ ca: 'a', serverName: 'a b' }).success);
});

t.test('peerAuth takes no user that Basic cannot carry', async (t) => {
  t.ok(peerAuth.safeParse({ username: 'jürgen x', passwordFile: 'p' }).success);
  for (const username of ['', 'a:b', 'a\nb'])
    t.notOk(peerAuth.safeParse({ username, passwordFile: 'p' }).success);
});
