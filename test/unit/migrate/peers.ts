import t from 'tap';
import { imported, toldOf } from '../../fixtures/imported.ts';

t.test('translatePeers() takes parents over', async (t) => {
  const found = await imported(t, [
    'cache_peer A.example.com parent 3128 0 no-query no-digest name=one connect-timeout=2',
    'cache_peer ::1 parent 3129 0',
    'never_direct allow all',
  ]);
  t.same(found.config.peers, {
    one: { address: 'a.example.com:3128', connectTimeout: '2s' },
    '-1': { address: '[::1]:3129' },
  });
  t.match(toldOf(found, 1), ['same Peer "one"']);
});

t.test('translatePeers() leaves out what is no way out of a forward proxy', async (t) => {
  const found = await imported(t, [
    'cache_peer a sibling 3128 3130',
    'cache_peer b parent 80 0 originserver',
    'cache_peer c uncle 3128 0',
    'cache_peer d parent http 0',
  ]);
  t.equal(found.config.peers, undefined);
  const verdicts = [1, 2, 3, 4].map((line) => toldOf(found, line)[0]?.split(' ')[0]);
  t.same(verdicts, ['dropped', 'dropped', 'error', 'error']);
});

// Attacks: secrets.
t.test('translatePeers() writes no password, and tells what is to be written by hand', async (t) => {
  const found = await imported(t, [
    'cache_peer a parent 3128 0 login=me:hunter2 tls standby=4 max-conn=9 weight=2 htcp',
    'never_direct allow all',
  ]);
  t.notMatch(`${found.yaml}${JSON.stringify(found.findings)}`, 'hunter2');
  t.match(
    toldOf(found, 1).join('\n'),
    /^changed Peer "a" expects TLS[\s\S]*^changed Peer "a" wants credentials[\s\S]*^changed Peer "a": max-conn [\s\S]*^changed Peer "a", without htcp/m,
  );
  t.match(found.yaml, /^# By hand: a: \{ tls: /m);
});

t.test('translatePeers() takes shares and bounds over', async (t) => {
  const found = await imported(t, [
    'cache_peer a parent 3128 0 weight=3 round-robin',
    'cache_peer b parent 3128 0 max-conn=200 weight=1 round-robin',
    'never_direct allow all',
  ]);
  t.same(found.config.peers, {
    a: { address: 'a:3128', weight: 3 },
    b: { address: 'b:3128', maxTunnels: 200 },
  });
  t.match(found.config.routes, [{ peers: ['a', 'b'], balance: 'roundRobin' }]);
  t.match(toldOf(found, 1), ['same Peer "a"']);
  t.match(toldOf(found, 2), [/^changed Peer "b": max-conn counts the connections of each worker/]);
});

t.test('translatePeers() tells of a weight or a bound that cannot be', async (t) => {
  const found = await imported(t, [
    'cache_peer a parent 3128 0 weight=0 max-conn=0',
    'never_direct allow all',
  ]);
  t.same(found.config.peers, { a: { address: 'a:3128' } });
  t.match(toldOf(found, 1), ['changed Peer "a", without weight, max-conn']);
});
