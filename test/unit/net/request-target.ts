/** What clients write behind the method, and what is made of it. */
import t from 'tap';
import { ProxyError } from '#errors.ts';
import { hostField, parseRequestTarget } from '#net/request-target.ts';

t.test('parseRequestTarget() reads an authority for CONNECT, and an absolute URL otherwise', async (t) => {
  const cases: readonly (readonly [string, string, { authority: string; path: string; url: string }])[] = [
    ['CONNECT', 'Login.Microsoft.com:443', { authority: 'login.microsoft.com:443', path: '', url: '' }],
    ['CONNECT', '[::1]:443', { authority: '[::1]:443', path: '', url: '' }],
    ['GET', 'http://x.com', { authority: 'x.com:80', path: '/', url: 'http://x.com/' }],
    [
      'GET',
      'HTTP://X.com:80/A?b=%2F',
      { authority: 'x.com:80', path: '/A?b=%2F', url: 'http://x.com/A?b=%2F' },
    ],
    ['GET', 'http://x.com?q', { authority: 'x.com:80', path: '/?q', url: 'http://x.com/?q' }],
    ['GET', 'http://x.com:8080/', { authority: 'x.com:8080', path: '/', url: 'http://x.com:8080/' }],
    ['OPTIONS', 'http://x.com', { authority: 'x.com:80', path: '*', url: 'http://x.com' }],
    ['OPTIONS', 'http://x.com/', { authority: 'x.com:80', path: '/', url: 'http://x.com/' }],
  ];
  for (const [method, text, expected] of cases) {
    const { authority, path, url } = parseRequestTarget(method, text);
    t.strictSame({ authority: authority.text, path, url }, expected, `${method} ${text}`);
  }
});

t.test('parseRequestTarget() refuses what it could only guess at', async (t) => {
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    ['GET', '/path', 'request_malformed', /is not an absolute URL/],
    ['GET', 'http://x.com/#part', 'request_malformed', /has a fragment/],
    ['GET', 'http://caf\u00c3\u00a9.com/', 'request_malformed', /is not ASCII/],
    ['CONNECT', 'caf\u00c3\u00a9.com:443', 'request_malformed', /is not ASCII/],
    ['CONNECT', 'x.com', 'request_malformed', /a port from 1 to 65535 must follow/],
    ['GET', 'ftp://x.com/', 'scheme_unsupported', /the scheme "ftp"/],
  ];
  for (const [method, text, reason, detail] of cases) {
    try {
      parseRequestTarget(method, text);
      t.fail(`${method} ${text} was read`);
    } catch (error) {
      t.ok(error instanceof ProxyError && error.reason === reason && detail.test(error.message), text);
    }
  }
});

t.test('hostField() leaves out the port that goes without saying', async (t) => {
  t.equal(hostField(parseRequestTarget('GET', 'http://x.com:80/')), 'x.com');
  t.equal(hostField(parseRequestTarget('GET', 'http://[::1]:8080/')), '[::1]:8080');
});
