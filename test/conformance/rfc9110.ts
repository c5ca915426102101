/**
 * RFC 9110, HTTP semantics: one test for each MUST and MUST NOT that binds a proxy and that one exchange shows, through one proxy and
 * through two. What takes more than that is in rfc9110-connections.ts; what does not bind, in docs/conformance.md.
 */
import t from 'tap';
import { type Exchange, not, ok, request, Wire } from '../fixtures/wire.ts';

const GET = request('GET');
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const DATE = /\r\nDate: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n/;
const MALFORMED: Pick<Exchange, 'relayed'> = { relayed: [/^HTTP\/1\.1 400 /] };
/** Through one proxy or two, both ways. */
const VIA = /\r\nVia: 1\.[01] t\w*-\w+(, 1\.1 t\w*-\w+)?(\r\n|$)/;

/** Fields that say something to an origin, and nothing to a proxy. */
const TO_ORIGIN = [
  'X-Unknown: 1',
  'If-Match: "a"',
  'If-None-Match: W/"a", "b"',
  'If-Modified-Since: Mon, 23 Nov 2026 10:00:00 GMT',
  'If-Unmodified-Since: Monday, 23-Nov-26 10:00:00 GMT',
  'If-Range: "a"',
  'Range: bytes=0-1, 5-',
  'Accept: a/b;q=0.5, */*;q=0.1',
  'Accept-Encoding: gzip, br',
  'Authorization: Basic YTpi',
  'Referer: http://a.example/',
  'Cache-Control: no-transform',
];
const TO_CLIENT = [
  'X-Unknown: 1',
  'Allow: GET,  HEAD',
  'WWW-Authenticate: Basic realm="a", Digest nonce="b"',
  'Vary: Accept',
  'Content-Encoding: gzip',
  'Cache-Control: no-transform',
  'Content-Range: lines 0-1/5',
  'ETag: W/"a"',
  'Server: a/1',
  'Location: /b',
];

const escaped = (text: string): RegExp =>
  new RegExp(`\r\n${text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}(\r\n|$)`);

const TABLE: Readonly<Record<string, Exchange>> = {
  '2.5 Version: a version that is not spoken is refused': {
    asks: 'GET http://HOST/ HTTP/2.0\r\nHost: HOST\r\n\r\n',
    ...MALFORMED,
  },
  '4.2.1 http: an empty host is refused': {
    asks: 'GET http:///x HTTP/1.1\r\nHost: HOST\r\n\r\n',
    ...MALFORMED,
  },
  '4.2.1 http: an empty host with a port is refused': {
    asks: 'GET http://:80/ HTTP/1.1\r\nHost: HOST\r\n\r\n',
    ...MALFORMED,
  },
  '4.2.2 https: it is not served on a connection that is not secured': {
    asks: 'GET https://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n',
    relayed: [/^HTTP\/1\.1 501 /],
  },
  '4.2.4 userinfo: it is never sent on': {
    asks: 'GET http://user:secret@HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n',
    relayed: [/^HTTP\/1\.1 400 /, not(/secret/)],
  },
  '5.1 Field names: what is not known to a request goes on, unchanged': {
    asks: request('GET', TO_ORIGIN.map((line) => `${line}\r\n`).join('')),
    forwarded: TO_ORIGIN.map(escaped),
    answers: ok(),
  },
  '5.1 Field names: what is not known to an answer goes on, unchanged': {
    asks: GET,
    answers: ok(TO_CLIENT.map((line) => `${line}\r\n`).join('')),
    relayed: TO_CLIENT.map(escaped),
  },
  '5.3 Order: lines of one name stay in theirs, in a request': {
    asks: request('GET', 'X-A: 1\r\nX-B: 0\r\nx-a: 2\r\nX-A: 3\r\n'),
    forwarded: [/\r\nX-A: 1\r\n.*\r\nx-a: 2\r\n.*X-A: 3/s],
    answers: ok(),
  },
  '5.3 Order: lines of one name stay in theirs, in an answer': {
    asks: GET,
    answers: ok('Set-Cookie: a=1\r\nX-B: 0\r\nset-cookie: b=2\r\nSet-Cookie: c=3\r\n'),
    relayed: [/\r\nSet-Cookie: a=1\r\n.*\r\nset-cookie: b=2\r\n.*Set-Cookie: c=3\r\n/s],
  },
  '5.4 Limits: a field that is too large is 4xx': {
    asks: request('GET', `X-A: ${'a'.repeat(70_000)}\r\n`),
    relayed: [/^HTTP\/1\.1 431 /],
  },
  '5.4 Limits: fields that are too many are 4xx': {
    asks: request('GET', 'X-A: a\r\n'.repeat(250)),
    relayed: [/^HTTP\/1\.1 431 /],
  },
  '5.5 Field values: whitespace around one is not of it': {
    asks: request('GET', 'Content-Length:\t 0 \t\r\nX-A: \t a \t b\t \r\n'),
    forwarded: [/\r\nX-A: a \t b\r\n/],
    answers: ok(),
  },
  '5.5 Field values: NUL in a request is rejected': { asks: request('GET', 'X-A: a\0b\r\n'), ...MALFORMED },
  '5.5 Field values: LF in a request is rejected': { asks: request('GET', 'X-A: a\nb\r\n'), ...MALFORMED },
  '5.5 Field values: NUL in an answer is rejected': {
    asks: GET,
    answers: ok('X-A: a\0b\r\n'),
    relayed: [/^HTTP\/1\.1 502 /],
  },
  '5.6.1 Lists: empty elements of Connection are ignored': {
    asks: request('GET', 'Connection: ,, X-A\t, ,x-b,\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\n'),
    forwarded: [not(/x-a:/i), not(/x-b:/i), /\r\nX-C: 3\r\n/],
    answers: ok(),
  },
  '5.6.1 Lists: empty elements of Expect are ignored': {
    asks: request('POST', 'Expect: , 100-continue,\r\nContent-Length: 1\r\n', 'a'),
    forwarded: [/\r\nExpect: 100-continue\r\n/, /\r\n\r\na$/],
    answers: ok(),
    relayed: [/^HTTP\/1\.1 200 /],
  },
  '6.5.1 Trailers: what means something only ahead of a body is not sent behind it': {
    asks: request(
      'POST',
      `${CHUNKED}Trailer: X-Sum\r\n`,
      '1\r\na\r\n0\r\nHost: x\r\nX-Sum: 1\r\nAuthorization: b\r\n\r\n',
    ),
    forwarded: [/\[trailer\] X-Sum: 1/, not(/host: x/i), not(/authorization/i)],
    answers: `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n1\r\na\r\n0\r\nX-End: 2\r\nSet-Cookie: c\r\n\r\n`,
    relayed: [/\[trailer\] X-End: 2/, not(/set-cookie/i)],
  },
  '6.5.1 Trailers: one that would frame an answer again is not sent': {
    asks: GET,
    answers: `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n1\r\na\r\n0\r\nX-End: 2\r\ncontent-length: 9\r\n\r\n`,
    relayed: [/\[trailer\] X-End: 2/, not(/content-length/i)],
  },
  '6.6.1 Date: it is written where an answer has none': { asks: GET, answers: ok(), relayed: [DATE] },
  '6.6.1 Date: it stays where an answer has one': {
    asks: GET,
    answers: ok('Date: Mon, 23 Nov 2020 10:00:00 GMT\r\n'),
    relayed: [/\r\nDate: Mon, 23 Nov 2020 10:00:00 GMT\r\n/, not(/Date:.*Date:/s)],
  },
  '6.6.1 Date: it is in a refusal of our own': {
    asks: 'GET / HTTP/1.1\r\nHost: HOST\r\n\r\n',
    relayed: [/^HTTP\/1\.1 400 /, DATE],
  },
  '7.6.1 Connection: what it names goes no further, and itself neither': {
    asks: request('GET', 'Connection: X-A, keep-alive\r\nX-A: 1\r\nconnection: X-B\r\nx-b: 2\r\n'),
    forwarded: [not(/x-a:/i), not(/x-b:/i), not(/connection:.*connection:/is)],
    answers: ok('Connection: X-C\r\nX-C: 1\r\n'),
    relayed: [not(/x-c:/i)],
  },
  '7.6.1 Connection: what it names goes no further as a trailer': {
    asks: request(
      'POST',
      `${CHUNKED}Trailer: X-A\r\nConnection: X-A\r\n`,
      '1\r\na\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n',
    ),
    forwarded: [not(/\[trailer\] X-A/), /\[trailer\] X-B: 2/],
    answers: `HTTP/1.1 200 OK\r\n${CHUNKED}Connection: X-C\r\n\r\n1\r\na\r\n0\r\nX-C: 1\r\nX-D: 2\r\n\r\n`,
    relayed: [not(/\[trailer\] X-C/), /\[trailer\] X-D: 2/],
  },
  '7.6.1 Connection: fields of one hop go no further though it does not name them': {
    asks: request(
      'GET',
      'Proxy-Connection: a\r\nKeep-Alive: a\r\nTE: trailers\r\nUpgrade: a\r\nProxy-Authorization: Basic YTpi\r\n',
    ),
    forwarded: [not(/proxy-connection|keep-alive: a|\r\nte:|upgrade|proxy-authorization/i)],
    answers: ok('Proxy-Connection: a\r\nKeep-Alive: a\r\nUpgrade: a\r\nProxy-Authenticate: Basic\r\n'),
    relayed: [not(/proxy-connection|keep-alive: a|upgrade|proxy-authenticate/i)],
  },
  '7.6.1 Connection: what is for every recipient it cannot name': {
    asks: request('GET', 'Connection: Cache-Control, Content-Length\r\n'),
    ...MALFORMED,
  },
  '7.6.2 Max-Forwards: it is counted down': {
    asks: request('OPTIONS', 'Max-Forwards: 9\r\n'),
    forwarded: [/\r\nMax-Forwards: [87]\r\n/],
    answers: ok(),
  },
  '7.6.2 Max-Forwards: 0 goes no further': {
    asks: request('OPTIONS', 'Max-Forwards: 0\r\n'),
    relayed: [/^HTTP\/1\.1 200 /, /\r\nAllow: /, /\r\nContent-Length: 0\r\n/],
  },
  '7.6.2 Max-Forwards: other methods are not counted': {
    asks: request('GET', 'Max-Forwards: 0\r\n'),
    forwarded: [/\r\nMax-Forwards: 0\r\n/],
    answers: ok(),
  },
  '7.6.3 Via: it is in what goes to the origin, and in what comes back': {
    asks: GET,
    forwarded: [VIA],
    answers: ok(),
    relayed: [VIA],
  },
  '7.6.3 Via: it is in what comes of a fault, too': {
    asks: GET,
    answers: 'HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n',
    relayed: [VIA],
  },
  '7.6.3 Via: it is in an interim answer': {
    asks: GET,
    answers: `HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n${ok()}`,
    relayed: [/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\nVia: 1\.1 /],
  },
  '7.6.3 Via: the version is that which was received': {
    asks: 'GET http://HOST/ HTTP/1.0\r\n\r\n',
    forwarded: [/\r\nVia: 1\.0 t\w*-\w+/],
    answers: ok(),
  },
  '7.6.3 Via: members of others stay, before ours': {
    asks: request('GET', 'Via: 1.0 a, HTTP/1.1 b\r\nvia: 2 d\r\n'),
    forwarded: [/\r\nVia: 1\.0 a, HTTP\/1\.1 b, 2 d, 1\.1 t\w*-/],
    answers: ok('Via: 1.1 e\r\n'),
    relayed: [/\r\nVia: 1\.1 e, 1\.1 t\w*-/],
  },
  '7.6.3 Via: hosts inside have a pseudonym outside': {
    asks: request('GET', 'Via: 1.0 a.corp (squid, 5), 1.1 b:80, 1.1 c\r\n'),
    forwarded: [/\r\nVia: 1\.0 inside, 1\.1 inside, 1\.1 c, 1\.1 t\w*-/],
    answers: ok('Via: 1.1 cdn.example\r\n'),
    relayed: [/\r\nVia: 1\.1 cdn\.example, 1\.1 t\w*-/],
  },
  '7.7 Transformations: path and query are not touched': {
    asks: 'GET http://HOST/a/../%2e%2E//b;c?d=%20&&e HTTP/1.1\r\nHost: HOST\r\n\r\n',
    forwarded: [/^GET \/a\/\.\.\/%2e%2E\/\/b;c\?d=%20&&e HTTP\/1\.1\r\n/],
    answers: ok(),
  },
  '7.7 Transformations: content is not touched': {
    asks: GET,
    answers:
      'HTTP/1.1 200 OK\r\nCache-Control: no-transform\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\xff\t\r\n ',
    relayed: [/\r\nContent-Length: 5\r\n/, /\r\n\r\n\xff\t\r\n $/],
  },
  '7.7 Transformations: a name that is whole is not completed': {
    asks: GET,
    forwarded: [/\r\nhost: origin\.example:\d+\r\n/i],
    answers: ok(),
  },
  '7.8 Upgrade: what no rule allows is not asked for': {
    asks: request('GET', 'Connection: Upgrade\r\nUpgrade: a\r\n'),
    forwarded: [not(/upgrade/i)],
    answers: ok(),
  },
  '7.8 Upgrade: nobody switches who was not asked': {
    asks: GET,
    answers: 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n',
    relayed: [/^HTTP\/1\.1 502 /],
  },
  '7.8 Upgrade: a 426 keeps what it lists no further than the hop': {
    asks: GET,
    answers:
      'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: a\r\nContent-Length: 0\r\n\r\n',
    relayed: [/^HTTP\/1\.1 426 /, not(/upgrade: /i)],
  },
  '8.6 Content-Length: none in a 204': {
    asks: GET,
    answers: 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    relayed: [not(/content-length/i)],
  },
  '8.6 Content-Length: none in an interim answer': {
    asks: GET,
    answers: `HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\n${ok()}`,
    relayed: [not(/Content-Length: 5/), /ok$/],
  },
  '8.6 Content-Length: that of the answer to HEAD is what the origin says': {
    asks: request('HEAD'),
    answers: 'HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n',
    isBodyless: true,
    relayed: [/\r\nContent-Length: 12345\r\n/],
  },
  '8.6 Content-Length: that of a 304 is what the origin says': {
    asks: GET,
    answers: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 12345\r\n\r\n',
    relayed: [/\r\nContent-Length: 12345\r\n/],
  },
  '9.3.6 CONNECT: an empty port is 400': {
    asks: 'CONNECT a.example: HTTP/1.1\r\nHost: a\r\n\r\n',
    ...MALFORMED,
  },
  '9.3.6 CONNECT: no port is 400': { asks: 'CONNECT a.example HTTP/1.1\r\nHost: a\r\n\r\n', ...MALFORMED },
  '9.3.6 CONNECT: port 0 is 400': { asks: 'CONNECT a.example:0 HTTP/1.1\r\nHost: a\r\n\r\n', ...MALFORMED },
  '9.3.6 CONNECT: port 65536 is 400': {
    asks: 'CONNECT a.example:65536 HTTP/1.1\r\nHost: a\r\n\r\n',
    ...MALFORMED,
  },
  '9.3.7 OPTIONS: Max-Forwards is never made': {
    asks: request('OPTIONS'),
    forwarded: [not(/max-forwards/i)],
    answers: ok(),
  },
  '10.1.1 Expect: what is not 100-continue is 417': {
    asks: request('POST', 'Expect: 200-maybe\r\nContent-Length: 1\r\n', 'a'),
    relayed: [/^HTTP\/1\.1 417 /],
  },
  '10.1.1 Expect: that of an HTTP/1.0 client is ignored': {
    asks: 'POST http://HOST/ HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na',
    forwarded: [not(/expect/i), /\r\n\r\na$/],
    answers: ok(),
    relayed: [/^HTTP\/1\.1 200 /],
  },
  '12.5.5 Vary: "*" is not made of it': {
    asks: GET,
    answers: ok('Vary: a\r\n'),
    relayed: [/\r\nVary: a\r\n/, not(/\*/)],
  },
  '14.2 Range: it goes on, and 206 comes back': {
    asks: request('GET', 'Range: bytes=1-2\r\n'),
    forwarded: [/\r\nRange: bytes=1-2\r\n/],
    answers: 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-2/9\r\nContent-Length: 2\r\n\r\nbc',
    relayed: [/^HTTP\/1\.1 206 /, /\r\nContent-Range: bytes 1-2\/9\r\n/, /\r\n\r\nbc$/],
  },
  '15 Status codes: one that nobody knows goes on': {
    asks: GET,
    answers: 'HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok',
    relayed: [/^HTTP\/1\.1 299 Odd\r\n/, /ok$/],
  },
  '15.2 Interim answers: each goes on, in order': {
    asks: GET,
    answers: `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 199 Own\r\nX: y\r\n\r\n${ok()}`,
    relayed: [/^HTTP\/1\.1 102 .*HTTP\/1\.1 103 .*HTTP\/1\.1 199 .*HTTP\/1\.1 200 /s],
  },
  '15.2 Interim answers: none goes to an HTTP/1.0 client': {
    asks: 'GET http://HOST/ HTTP/1.0\r\n\r\n',
    answers: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n${ok()}`,
    relayed: [/^HTTP\/1\.1 200 /],
  },
  '15.5.8 407: that of an origin is not sent on': {
    asks: GET,
    answers: 'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=a\r\nContent-Length: 0\r\n\r\n',
    relayed: [/^HTTP\/1\.1 502 /, not(/proxy-authenticate/i)],
  },
};

t.test('exchange by exchange', async (t) => {
  const wire = await Wire.open(t);
  for (const [title, exchange] of Object.entries(TABLE)) wire.plays(t, title, exchange);
});
