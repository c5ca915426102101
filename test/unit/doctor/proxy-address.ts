import t from 'tap';
import { parseProxyAddress } from '#doctor/proxy-address.ts';

t.test('parseProxyAddress() reads what a variable may hold', async (t) => {
  for (const [value, expected] of [
    ['http://p:3128', { scheme: 'http', text: 'http://p:3128', authorization: undefined }],
    ['p:3128/', { scheme: 'http', text: 'http://p:3128' }],
    [' HTTPS://P.x:443 ', { scheme: 'https', text: 'https://p.x:443' }],
    ['http://[::1]:1', { text: 'http://[::1]:1' }],
    ['http://me:a%40b@p:1', { text: 'http://***@p:1', authorization: 'Basic bWU6YUBi' }],
    ['http://me:a@b@p:1', { text: 'http://***@p:1', authorization: 'Basic bWU6YUBi' }],
  ] as const) {
    t.match(parseProxyAddress(value), expected, value);
  }
});

t.test('parseProxyAddress() refuses the rest, and repeats no secret', async (t) => {
  for (const value of [
    '',
    'p',
    'http://me:secret@p',
    'http://me:%zz@p:1',
    'me:secret@p x:1',
    'http://secret/p:1',
  ]) {
    const message = 'Proxy cannot be read as host and port, write one such as http://proxy.example.com:3128';
    t.throws(() => parseProxyAddress(value), { message }, value);
  }
  t.throws(() => parseProxyAddress('socks5://p:1'), { message: /^Proxy has the scheme "socks5"/ });
});
