import t from 'tap';
import { parseProxyAddress } from '#doctor/proxy-address.ts';
import { connectHead, plainHead, whoHead } from '#doctor/request-heads.ts';
import { parseTarget } from '#doctor/target.ts';

const proxy = parseProxyAddress('p:1');
const known = parseProxyAddress('http://me:secret@p:1');

t.test('connectHead() and plainHead() ask, with credentials where there are some', async (t) => {
  t.equal(
    connectHead(parseTarget('a.x'), proxy),
    'CONNECT a.x:443 HTTP/1.1\r\nUser-Agent: weir-doctor\r\nHost: a.x:443\r\n\r\n',
  );
  t.match(connectHead(parseTarget('a.x'), known), /\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n$/);
  t.equal(
    plainHead(parseTarget('http://a.x/y?z'), proxy),
    'GET http://a.x:80/y?z HTTP/1.1\r\nUser-Agent: weir-doctor\r\nHost: a.x:80\r\nAccept: */*\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n',
  );
  t.match(plainHead(parseTarget('http://a.x'), known), /\r\nProxy-Authorization: /);
});

t.test('whoHead() has no credentials', async (t) => {
  t.match(whoHead(known), /^OPTIONS \* HTTP\/1\.1\r\n.*Max-Forwards: 0\r\n/s);
  t.notMatch(whoHead(known), /Authorization/);
});
