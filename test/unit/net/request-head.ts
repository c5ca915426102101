import t from 'tap';
import { leavesConnection, renderRequest } from '#net/request-head.ts';
import { exchangeRequest } from '../../fixtures/exchange.ts';

const render = (parts: Parameters<typeof exchangeRequest>[1]): string =>
  renderRequest(exchangeRequest(80, parts));

t.test('renderRequest() writes Host and Connection first, and the fields as they are', async (t) => {
  t.equal(
    render({
      target: '/%7E/../a?b=%2f',
      headers: ['X-Odd', 'a', 'HOST', 'a.example:80', 'x-odd', '\xfc\t b', 'E', ''],
    }),
    'GET /%7E/../a?b=%2f HTTP/1.1\r\nhost: a.example:80\r\nconnection: keep-alive\r\nX-Odd: a\r\nx-odd: \xfc\t b\r\nE: \r\n\r\n',
  );
});

t.test(
  'renderRequest() tells the length of a body, and that there is none where one is expected',
  async (t) => {
    const headers = ['Host', 'a', 'Content-Length', '7'];
    const wholeBody = Buffer.from('\xfc\r\n\0', 'latin1');
    const head = 'HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\n';
    t.equal(
      render({ method: 'POST', headers, wholeBody }),
      `POST / ${head}content-length: 4\r\n\r\n\xfc\r\n\0`,
    );
    t.equal(render({ headers, wholeBody }), `GET / ${head}content-length: 4\r\n\r\n\xfc\r\n\0`);
    for (const method of ['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']) {
      t.equal(render({ method, headers }), `${method} / ${head}content-length: 0\r\n\r\n`);
    }
    for (const method of ['GET', 'DELETE', 'M-SEARCH'])
      t.equal(render({ method, headers }), `${method} / ${head}\r\n`);
  },
);

t.test('renderRequest() asks for no more behind a HEAD', async (t) => {
  t.equal(render({ method: 'HEAD' }), 'HEAD / HTTP/1.1\r\nhost: origin.example\r\nconnection: close\r\n\r\n');
});

for (const [what, parts] of Object.entries({
  'a method': { method: 'GET / HTTP/1.1\r\nA:' },
  'a target': { target: '/ HTTP/1.1\r\nA: b\r\n\r\nGET /' },
  'a target with a blank': { target: '/a b' },
  'a target with a character that is no byte': { target: '/\u0120' },
  'an empty target': { target: '' },
  'the name of a field': { headers: ['A: b\r\nC', 'd'] },
  'the value of a field': { headers: ['A', 'b\r\nC: d'] },
  Host: { headers: ['Host', 'a\r\n\r\nGET /'] },
  'a value with a character that is no byte': { headers: ['A', '\u010d\u010a'] },
})) {
  t.test(`renderRequest() refuses ${what} that would be more than that`, async (t) => {
    t.throws(() => render(parts), { message: /^Cannot complete the exchange \(connecting\): Malformed / });
  });
}

t.test('leavesConnection() trusts none behind a HEAD, or behind a body that is not expected', async (t) => {
  const wholeBody = Buffer.from('a');
  t.ok(leavesConnection(exchangeRequest(80)));
  t.ok(leavesConnection(exchangeRequest(80, { method: 'POST', wholeBody })));
  t.notOk(leavesConnection(exchangeRequest(80, { method: 'HEAD' })));
  t.notOk(leavesConnection(exchangeRequest(80, { method: 'DELETE', wholeBody })));
});

t.test('leavesConnection() trusts none on which somebody has signed in', async (t) => {
  for (const [scheme, isLeft] of [
    ['NTLM', false],
    ['Negotiate', false],
    ['Basic', true],
  ] as const)
    t.equal(leavesConnection(exchangeRequest(80, { headers: ['Authorization', `${scheme} YTpi`] })), isLeft);
});
