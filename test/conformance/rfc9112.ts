/**
 * RFC 9112, HTTP/1.1: one test for each MUST and MUST NOT that binds a proxy, as a server towards clients and as a client towards
 * origins, through one proxy and through two. Which do not bind, or are shown elsewhere, is in docs/conformance.md.
 */
import t from 'tap';
import { type Exchange, not, ok, request, Wire } from '../fixtures/wire.ts';

const GET = request('GET');
const CHUNKS = '2\r\nhi\r\n0\r\n\r\n';
const CLOSED = /\r\nConnection: close\r\n.*\[end\]$/s;
const MALFORMED: Pick<Exchange, 'relayed' | 'isClosed'> = {
  relayed: [/^HTTP\/1\.1 400 /, CLOSED],
  isClosed: true,
};
const NONSENSE: Pick<Exchange, 'relayed'> = {
  relayed: [/^HTTP\/1\.1 502 /, /\r\n\r\nTarget answered nonsense .*\nReason: response_malformed\n/s],
};

const TABLE: Readonly<Record<string, Exchange>> = {
  '2.2 Message parsing: bytes beyond ASCII are bytes': {
    asks: request('GET', 'X-Name: caf\xe9 \xff\r\n'),
    forwarded: [/\r\nX-Name: caf\xe9 \xff\r\n/],
    answers: ok('X-Name: \x80\xfe\r\n'),
    relayed: [/\r\nX-Name: \x80\xfe\r\n/],
  },
  '2.2 Message parsing: a bare CR in a field of a request is invalid': {
    asks: request('GET', 'A: b\rC: d\r\n'),
    ...MALFORMED,
  },
  '2.2 Message parsing: a bare CR in a request line is invalid': {
    asks: 'GET http://HOST/\rx HTTP/1.1\r\nHost: HOST\r\n\r\n',
    ...MALFORMED,
  },
  '2.2 Message parsing: a bare CR in an answer is not sent on': {
    asks: GET,
    answers: ok('A: b\rC: d\r\n'),
    ...NONSENSE,
  },
  '2.2 Message parsing: whitespace before the first field of a request is rejected': {
    asks: 'GET http://HOST/ HTTP/1.1\r\n Host: HOST\r\nHost: HOST\r\n\r\n',
    ...MALFORMED,
  },
  '2.2 Message parsing: whitespace before the first field of an answer is rejected': {
    asks: GET,
    answers: 'HTTP/1.1 200 OK\r\n X: y\r\nContent-Length: 0\r\n\r\n',
    ...NONSENSE,
  },
  '2.3 HTTP version: an HTTP/1.0 request goes on as HTTP/1.1': {
    asks: 'GET http://HOST/ HTTP/1.0\r\n\r\n',
    forwarded: [/^GET \/ HTTP\/1\.1\r\n/, /\r\nhost: origin\.example/i],
    answers: ok(),
    relayed: [/^HTTP\/1\.1 200 /],
  },
  '2.3 HTTP version: an HTTP/1.0 answer goes on as HTTP/1.1': {
    asks: GET,
    answers: 'HTTP/1.0 200 Fine\r\nContent-Length: 2\r\n\r\nok',
    relayed: [/^HTTP\/1\.1 200 Fine\r\n/],
  },
  '3 Request line: a target of 8000 bytes is served': {
    asks: `GET http://HOST/${'a'.repeat(8000)} HTTP/1.1\r\nHost: HOST\r\n\r\n`,
    forwarded: [/^GET \/a{8000} HTTP\/1\.1\r\n/],
    answers: ok(),
    relayed: [/^HTTP\/1\.1 200 /],
  },
  '3 Request line: a target that is too long is 414': {
    asks: `GET http://HOST/${'a'.repeat(40_000)} HTTP/1.1\r\nHost: HOST\r\n\r\n`,
    relayed: [/^HTTP\/1\.1 414 /],
  },
  '3 Request line: a target that alone is larger than a head may be is 414': {
    asks: `GET http://HOST/${'a'.repeat(70_000)} HTTP/1.1\r\nHost: HOST\r\n\r\n`,
    relayed: [/^HTTP\/1\.1 414 /, CLOSED],
    isClosed: true,
  },
  '3.2 Request target: an HTTP/1.1 request without Host is 400': {
    asks: 'GET http://HOST/ HTTP/1.1\r\n\r\n',
    ...MALFORMED,
  },
  '3.2 Request target: more than one Host is 400': {
    asks: request('GET', 'Host: HOST\r\n'),
    ...MALFORMED,
  },
  '3.2 Request target: more than one Host in HTTP/1.0 is 400': {
    asks: 'GET http://HOST/ HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n',
    ...MALFORMED,
  },
  ...Object.fromEntries(
    ['a b', 'user@a', 'http://a', 'a/b', 'a:b', 'a, b', '[::1', 'a\\b', '"a"', 'a?b', 'a#b', 'caf\xe9'].map(
      (host) => [
        `3.2 Request target: the Host ${JSON.stringify(host)} is none, and 400`,
        { asks: `GET http://HOST/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`, ...MALFORMED },
      ],
    ),
  ),
  ...Object.fromEntries(
    ['', 'a', 'a:', 'a:80', '127.0.0.1', '[::1]', '[::1]:80', 'a_b.c', 'a%20b'].map((host) => [
      `3.2 Request target: the Host ${JSON.stringify(host)} is valid`,
      {
        asks: `GET http://HOST/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
        forwarded: [/\r\nhost: origin\.example:\d+\r\n/i],
        answers: ok(),
        relayed: [/^HTTP\/1\.1 200 /],
      },
    ]),
  ),
  '3.2.1 Origin form: an empty path goes to the origin as "/"': {
    asks: 'GET http://HOST HTTP/1.1\r\nHost: HOST\r\n\r\n',
    forwarded: [/^GET \/ HTTP\/1\.1\r\n/],
    answers: ok(),
  },
  '3.2.1 Origin form: only path and query go to the origin': {
    asks: 'GET http://HOST/a/b?c=d&e HTTP/1.1\r\nHost: HOST\r\n\r\n',
    forwarded: [/^GET \/a\/b\?c=d&e HTTP\/1\.1\r\n/],
    answers: ok(),
  },
  '3.2.2 Absolute form: Host is what the target says, not what the client says': {
    asks: 'GET http://HOST/ HTTP/1.1\r\nHost: other.example\r\n\r\n',
    forwarded: [/\r\nhost: origin\.example:\d+\r\n/i, not(/other\.example/), not(/\r\nhost:.*\r\nhost:/is)],
    answers: ok(),
  },
  '3.2.2 Absolute form: Host is written where HTTP/1.0 has none': {
    asks: 'GET http://HOST/ HTTP/1.0\r\n\r\n',
    forwarded: [/\r\nhost: origin\.example:\d+\r\n/i],
    answers: ok(),
  },
  '3.2.4 Asterisk form: OPTIONS without path and query is "*" at the origin': {
    asks: 'OPTIONS http://HOST HTTP/1.1\r\nHost: HOST\r\n\r\n',
    forwarded: [/^OPTIONS \* HTTP\/1\.1\r\n/, /\r\nhost: origin\.example/i],
    answers: ok(),
  },
  '3.2.4 Asterisk form: OPTIONS with a query is none': {
    asks: 'OPTIONS http://HOST?x HTTP/1.1\r\nHost: HOST\r\n\r\n',
    forwarded: [/^OPTIONS \/\?x HTTP\/1\.1\r\n/],
    answers: ok(),
  },
  '4 Status line: the space before a phrase that is absent is sent': {
    asks: GET,
    answers: 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok',
    relayed: [/^HTTP\/1\.1 200 \r\n/],
  },
  '5.1 Field lines: whitespace before the colon of a request is 400': {
    asks: request('GET', 'X-A : b\r\n'),
    ...MALFORMED,
  },
  '5.1 Field lines: whitespace before the colon of an answer never goes on': {
    asks: GET,
    answers: ok('X-A : b\r\n'),
    ...NONSENSE,
  },
  '5.2 Line folding: in a request it is 400': { asks: request('GET', 'A: b\r\n c\r\n'), ...MALFORMED },
  '5.2 Line folding: in an answer it is 502': { asks: GET, answers: ok('A: b\r\n c\r\n'), ...NONSENSE },
  '6.1 Transfer-Encoding: chunks of a request are read': {
    asks: request('POST', 'Transfer-Encoding: chunked\r\n', CHUNKS),
    forwarded: [/\r\ntransfer-encoding: chunked\r\n/i, /\r\n\r\nhi$/, not(/content-length/i)],
    answers: ok(),
  },
  '6.1 Transfer-Encoding: chunks of an answer are read, and are chunked once': {
    asks: GET,
    answers: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    relayed: [
      /\r\nTransfer-Encoding: chunked\r\n/,
      not(/chunked.*chunked/is),
      not(/content-length/i),
      /\r\n\r\nhi$/,
    ],
  },
  '6.1 Transfer-Encoding: none in a 204': {
    asks: GET,
    answers: 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n',
    relayed: [/^HTTP\/1\.1 204 /, not(/transfer-encoding/i)],
  },
  '6.1 Transfer-Encoding: none in an interim answer': {
    asks: GET,
    answers: `HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\n${ok()}`,
    relayed: [/^HTTP\/1\.1 103 /, not(/transfer-encoding/i), /ok$/],
  },
  '6.1 Transfer-Encoding: none to an HTTP/1.0 client': {
    asks: 'GET http://HOST/ HTTP/1.0\r\n\r\n',
    answers: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    relayed: [not(/transfer-encoding/i), /\r\n\r\nhi/],
  },
  '6.1 Transfer-Encoding: with Content-Length the connection is closed': {
    asks: request('POST', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', CHUNKS + GET),
    ...MALFORMED,
  },
  '6.1 Transfer-Encoding: in an HTTP/1.0 request the framing is faulty': {
    asks: `POST http://HOST/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    ...MALFORMED,
  },
  '6.1 Transfer-Encoding: in an HTTP/1.0 answer the framing is faulty': {
    asks: GET,
    answers: `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    ...NONSENSE,
  },
  '6.2 Content-Length: never with Transfer-Encoding': {
    asks: GET,
    answers: `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    ...NONSENSE,
  },
  '6.3 Body length: the answer to HEAD has no body': {
    asks: request('HEAD'),
    answers: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n',
    isBodyless: true,
    relayed: [/\r\nContent-Length: 2\r\n/, /\r\n\r\n$/],
  },
  '6.3 Body length: a coding behind chunked is 400': {
    asks: request('POST', 'Transfer-Encoding: chunked, gzip\r\n', CHUNKS),
    ...MALFORMED,
  },
  '6.3 Body length: a coding without chunked is 400': {
    asks: request('POST', 'Transfer-Encoding: gzip\r\n', 'hi'),
    ...MALFORMED,
  },
  ...Object.fromEntries(
    ['x', '-1', '+1', '1 1', '0x1', '1, 2', '', '1.0', '99999999999999999999'].map((length) => [
      `6.3 Body length: Content-Length "${length}" is 400 in a request`,
      { asks: request('POST', `Content-Length: ${length}\r\n`, 'h'), ...MALFORMED },
    ]),
  ),
  ...Object.fromEntries(
    ['x', '-1', '+1', '1 1', '0x1', '1, 2', '', '1.0', '99999999999999999999'].map((length) => [
      `6.3 Body length: Content-Length "${length}" is 502 in an answer`,
      { asks: GET, answers: `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nh`, ...NONSENSE },
    ]),
  ),
  '7.1 Chunked: a size that no number holds is 400': {
    asks: request('POST', 'Transfer-Encoding: chunked\r\n', `1${'0'.repeat(16)}2\r\nhi\r\n0\r\n\r\n`),
    ...MALFORMED,
  },
  '7.1.1 Chunk extensions: those of an answer are ignored': {
    asks: GET,
    answers: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b;c="d\\"e";f\r\nhi\r\n0;g\r\n\r\n',
    relayed: [/\r\n\r\nhi$/],
  },
  '7.1.1 Chunk extensions: those of a request are ignored': {
    asks: request('POST', 'Transfer-Encoding: chunked\r\n', '2;a=b;c="d"\r\nhi\r\n0;g\r\n\r\n'),
    forwarded: [/\r\n\r\nhi$/],
    answers: ok(),
  },
  '7.1.2 Trailers: they are not merged into the head': {
    asks: GET,
    answers: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n',
    relayed: [/\r\n\r\nhi\r\n\[trailer\] X-Sum: 1$/, not(/\r\nX-Sum/)],
  },
  '7.4 TE: it goes no further': {
    asks: request('GET', 'TE: trailers, deflate;q=0.5\r\nConnection: TE\r\n'),
    forwarded: [not(/\r\nte:/i)],
    answers: ok(),
  },
  '9.3 Persistence: an HTTP/1.0 client is not kept, whatever it asks': {
    asks: 'GET http://HOST/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    answers: ok(),
    relayed: [CLOSED, not(/keep-alive/i)],
    isClosed: true,
  },
  '9.3 Persistence: an HTTP/1.0 client is not kept by Proxy-Connection': {
    asks: 'GET http://HOST/ HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n',
    answers: ok(),
    relayed: [CLOSED, not(/keep-alive/i)],
    isClosed: true,
  },
  '9.6 Tear-down: the connection of a client that says close is closed': {
    asks: request('GET', 'Connection: close\r\n'),
    answers: ok(),
    relayed: [CLOSED],
    isClosed: true,
  },
  '9.6 Tear-down: close is found among other options': {
    asks: request('GET', 'Connection: X-A ,,\tClose\r\nX-A: 1\r\n'),
    forwarded: [not(/x-a:/i)],
    answers: ok(),
    relayed: [CLOSED],
    isClosed: true,
  },
};

t.test('exchange by exchange', async (t) => {
  const wire = await Wire.open(t);
  for (const [title, exchange] of Object.entries(TABLE)) wire.plays(t, title, exchange);
});
