import t from 'tap';
import { connectHead, credentialsFor } from '#peer/connect-head.ts';
import { peerOptions } from '../../fixtures/peer.ts';

t.test('connectHead() is a head with what this peer is told', async (t) => {
  t.equal(
    connectHead('a.example:443', '1.1 t1-0', ['Weir-Transaction', 'abc']),
    'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nVia: 1.1 t1-0\r\nWeir-Transaction: abc\r\n\r\n',
  );
  t.match(connectHead('a.example:443', '1.1 t1-0', []), /Via: 1\.1 t1-0\r\n\r\n$/);
});

t.test('credentialsFor() are those that the peer is to see', async (t) => {
  t.same(credentialsFor(peerOptions('p', 1)), []);
  t.same(credentialsFor(peerOptions('p', 1, { authorization: 'Basic eA==' })), [
    'Proxy-Authorization',
    'Basic eA==',
  ]);
});
