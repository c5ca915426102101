import http from 'node:http';
import process from 'node:process';
import { Duplex } from 'node:stream';
import t from 'tap';
import { readQuickHead } from '#proxy/quick-head.ts';
import { type Chance, chanceOf } from '../../fixtures/chance.ts';
import { turns } from '../../fixtures/sockets.ts';

const read = (text: string) => readQuickHead(Buffer.from(text, 'latin1'));

t.test('readQuickHead() reads a plain CONNECT, and where its tunnel begins', async (t) => {
  const head = 'CONNECT a.example:443 HTTP/1.1\r\nHost:  a.example:443 \r\nX-Empty:\r\n\r\n';
  t.match(read(`${head}glued`), {
    method: 'CONNECT',
    url: 'a.example:443',
    httpVersion: '1.1',
    rawHeaders: ['Host', 'a.example:443', 'X-Empty', ''],
    complete: true,
    length: head.length,
  });
  t.match(read('CONNECT [::1]:1 HTTP/1.1\r\n\r\n'), { url: '[::1]:1', rawHeaders: [] });
});

t.test('readQuickHead() reads other plain requests, and where the next request begins', async (t) => {
  const head =
    'GET http://a.example:80/x?y=%20 HTTP/1.1\r\nHost: a.example\r\nConnection: Keep-Alive\r\nCookie: a; b\r\n\r\n';
  t.match(read(`${head}GET`), {
    method: 'GET',
    url: 'http://a.example:80/x?y=%20',
    rawHeaders: ['Host', 'a.example', 'Connection', 'Keep-Alive', 'Cookie', 'a; b'],
    complete: true,
    length: head.length,
  });
  t.match(read('HEAD http://a/ HTTP/1.1\r\n\r\n'), { method: 'HEAD', url: 'http://a/', bodyLength: 0 });
  t.match(read('POST http://a/ HTTP/1.1\r\n\r\n'), { method: 'POST', bodyLength: 0 });
  const post = 'PUT http://a/ HTTP/1.1\r\ncontent-length: 100\r\n\r\n';
  t.match(read(`${post}x`), { method: 'PUT', length: post.length, bodyLength: 100 });
});

t.test(
  'readQuickHead() reads a head that came twice no more, and knows it by all of its bytes',
  async (t) => {
    const head = 'CONNECT again.example:443 HTTP/1.1\r\nHost: again.example:443\r\n\r\n';
    t.ok(read(head));
    const first = read(head);
    t.equal(read(head), first);
    for (const [other, url] of [
      [`${head}glued`, 'again.example:443'],
      [head.replaceAll('again', 'AGAIN'), 'AGAIN.example:443'],
      [head.replace('443\r\n\r\n', '443\r\nVia: 1.1 x\r\n\r\n'), 'again.example:443'],
    ] as const) {
      t.not(read(other), first);
      t.equal(read(other)?.url, url);
    }
    const get = 'GET http://again.example/ HTTP/1.1\r\nHost: again.example\r\n\r\n';
    t.ok(read(get));
    t.equal(read(get), read(get));
    const post = 'POST http://again.example/ HTTP/1.1\r\nContent-Length: 1\r\n\r\n';
    t.ok(read(post));
    t.not(read(post), read(post), 'a body is to follow');
  },
);

t.test('readQuickHead() forgets what has not come for long, and keeps nothing long or secret', async (t) => {
  const head = (name: string) => `CONNECT ${name}:443 HTTP/1.1\r\nHost: x\r\n\r\n`;
  t.ok(read(head('first.example')));
  const first = read(head('first.example'));
  t.equal(read(head('first.example')), first);
  for (let index = 0; index < 10_000; index += 1) {
    read(head(`other${index}.example`));
    read(head(`other${index}.example`));
  }
  t.not(read(head('first.example')), first);
  const long = `CONNECT a.example:443 HTTP/1.1\r\nA: ${'b'.repeat(1000)}\r\n\r\n`;
  for (let time = 0; time < 2; time += 1) t.ok(read(long));
  t.not(read(long), read(long));
  const secret = head('a.example').replace('Host', 'proxy-Authorization: Basic eDp5\r\nHost');
  for (let time = 0; time < 2; time += 1) t.ok(read(secret));
  t.not(read(secret), read(secret));
});

const NOT_FOR_US: Readonly<Record<string, string>> = {
  'another method': 'DELETE http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'a method that begins like another': 'PATCH http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'two lengths': 'POST http://a.example/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx',
  'a length with a zero ahead': 'POST http://a.example/ HTTP/1.1\r\nContent-Length: 01\r\n\r\nx',
  'a length that is none': 'POST http://a.example/ HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\nx',
  'a long body': 'POST http://a.example/ HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx',
  'a body in chunks of a POST': 'POST http://a.example/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'a URL without a path': 'GET http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'a path alone': 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'another scheme': 'GET https://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'a URL with user information': 'GET http://me@a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'a URL with an IPv6 address': 'GET http://[::1]/ HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'a fragment': 'GET http://a.example/#x HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'a GET with a body': 'GET http://a.example/ HTTP/1.1\r\nContent-Length: 1\r\n\r\nx',
  'a GET that is the last': 'GET http://a.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'a GET that is the last, in the words of old clients':
    'GET http://a.example/ HTTP/1.1\r\nHost: a\r\nProxy-Connection: close\r\n\r\n',
  'a GET that nominates fields': 'GET http://a.example/ HTTP/1.1\r\nConnection: keep-alive, x\r\n\r\n',
  'a GET that upgrades': 'GET http://a.example/ HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
  'a method in small letters': 'connect a.example:443 HTTP/1.1\r\n\r\n',
  'half a head': 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.exa',
  nothing: '',
  'a few bytes': 'CONN',
  'HTTP/1.0': 'CONNECT a.example:443 HTTP/1.0\r\n\r\n',
  'HTTP/2.0': 'CONNECT a.example:443 HTTP/2.0\r\n\r\n',
  'a target with a path': 'CONNECT a.example:443/x HTTP/1.1\r\n\r\n',
  'user information': 'CONNECT me@a.example:443 HTTP/1.1\r\n\r\n',
  'two spaces': 'CONNECT  a.example:443 HTTP/1.1\r\n\r\n',
  'bare line feeds': 'CONNECT a.example:443 HTTP/1.1\nHost: x\n\r\n\r\n',
  'a folded field': 'CONNECT a.example:443 HTTP/1.1\r\nA: b\r\n c\r\n\r\n',
  'a space before a colon': 'CONNECT a.example:443 HTTP/1.1\r\nA : b\r\n\r\n',
  'a field without a name': 'CONNECT a.example:443 HTTP/1.1\r\n: b\r\n\r\n',
  'a control character': 'CONNECT a.example:443 HTTP/1.1\r\nA: b\x01\r\n\r\n',
  'more than ASCII': 'CONNECT a.example:443 HTTP/1.1\r\nA: \xe9\r\n\r\n',
  'a body of known length': 'CONNECT a.example:443 HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
  'a body in chunks': 'CONNECT a.example:443 HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n',
  'an expectation': 'CONNECT a.example:443 HTTP/1.1\r\nExpect: 100-continue\r\n\r\n',
  'an upgrade': 'CONNECT a.example:443 HTTP/1.1\r\nUpgrade: x\r\n\r\n',
  'a long head': `CONNECT a.example:443 HTTP/1.1\r\nA: ${'b'.repeat(9000)}\r\n\r\n`,
};

for (const [what, text] of Object.entries(NOT_FOR_US)) {
  t.test(`readQuickHead() leaves ${what} to Node`, async (t) => {
    t.equal(read(text), undefined);
  });
}

// Attacks: bounded.
t.test('readQuickHead() takes no longer for a head that is made to be read slowly', async (t) => {
  const blanks = ' '.repeat(8000);
  const slow = [
    `X:${blanks}\x80`,
    `X: a${blanks}\x80`,
    `X:${'a '.repeat(4000)}\x80`,
    `X:${'a\t '.repeat(2600)}\x80`,
  ];
  const took = (field: string): number => {
    const before = process.cpuUsage();
    t.equal(read(`GET http://a/ HTTP/1.1\r\n${field}\r\n\r\n`), undefined);
    return process.cpuUsage(before).user;
  };
  // What takes a step for each pair of bytes takes 32 million of them: 50 ms and more.
  for (const field of slow) t.ok(Math.min(took(field), took(field), took(field)) < 10_000, field.slice(0, 6));
});

interface Seen {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}

/** What is compared of a head. */
function factsOf({ method, url, httpVersion, rawHeaders }: Seen, lengths: readonly number[]): string {
  return JSON.stringify({ method, url, httpVersion, rawHeaders, lengths });
}

/** How Node's HTTP takes `bytes`, which hold a request and what may follow it; undefined where it takes them for none. */
async function askNode(bytes: Buffer): Promise<string | undefined> {
  const server = http.createServer({ requireHostHeader: false, maxHeaderSize: 64 * 1024 });
  let seen: string | undefined;
  server.on('connect', (request, _socket, head) => {
    seen ??= factsOf(request, [bytes.length - head.length, 0]);
  });
  // Of a request that is no CONNECT Node does not say where it ends: where its first empty line does.
  server.on('request', (request, { shouldKeepAlive: isKept }) => {
    const isChunked = request.headers['transfer-encoding'] !== undefined;
    const length = Number(request.headers['content-length'] ?? 0);
    if (isKept && !isChunked) seen ??= factsOf(request, [bytes.indexOf('\r\n\r\n') + 4, length]);
  });
  server.on('clientError', () => {});
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  server.emit('connection', socket);
  socket.push(bytes);
  await turns();
  socket.destroy();
  return seen;
}

const PIECES = [
  ['CONNECT', 'CONNECT', 'GET', 'HEAD', 'POST', 'PUT', 'Connect', 'PATCH'],
  [' ', ' ', ' ', '  ', '\t'],
  [
    ...['a.example:443', '[::1]:8', '10.0.0.1:1', 'a', ':', 'a_b-c:0443', '[', 'a:b:c', 'A.EXAMPLE.:443'],
    ...[
      'http://a/',
      'http://a.example:80/x?y',
      'http://10.0.0.1/%',
      'http://a.-:1/',
      'http://a:/',
      'http:///',
    ],
    ...["http://a/;@:!$&'()*+,=~//?x?y", 'http://a:99999/', 'HTTP://a/', 'http://a/#b', 'http://a/"<>'],
  ],
  [' HTTP/1.1\r\n', ' HTTP/1.1\r\n', ' HTTP/1.1\r\n', ' HTTP/1.0\r\n', '\r\n', ' HTTP/1.1\n'],
] as const;
const FIELDS = [
  'Host: a.example:443\r\n',
  'Host:a\r\n',
  'host:\t x \t\r\n',
  'X:\r\n',
  'Connection: close\r\n',
  'Connection:keep-alive \r\n',
  'Connection: upgrade\r\n',
  'Proxy-Connection: keep-alive\r\n',
  'Proxy-Connection: close\r\n',
  'x!#$%&\'*+-.^_`|~9: a, b;c="d"\r\n',
  'Keep-Alive: 1\r\n',
  'Cookie: a b\tc\r\n',
  'TE: trailers\r\n',
  'Content-Length : 1\r\n',
  'Content-Length: 4\r\n',
  'content-length:0\r\n',
  'Content-Length: 04\r\n',
  ' folded\r\n',
  'Via: 1.1 a\r\n',
];

function randomHead(chance: Chance): Buffer {
  let text = PIECES.map((choices) => chance.pick<string>(choices)).join('');
  for (let fields = chance.below(5); fields > 0; fields -= 1) text += chance.pick(FIELDS);
  const bytes = Buffer.from(`${text}\r\n${'\x16\x03 early'.slice(0, chance.below(8))}`, 'latin1');
  for (let changes = chance.below(4) - 2; changes > 0; changes -= 1) {
    bytes[chance.below(bytes.length)] = chance.below(256);
  }
  return bytes;
}

t.test('whatever readQuickHead() reads Node reads in the same way', async (t) => {
  const chance = chanceOf(20_261_122);
  const read: Record<string, number> = {};
  const differing: string[] = [];
  for (let i = 0; i < 80_000; i += 1) {
    const bytes = randomHead(chance);
    const head = readQuickHead(bytes);
    if (head === undefined) continue;
    read[head.method] = (read[head.method] ?? 0) + 1;
    const theirs = await askNode(bytes);
    if (theirs !== factsOf(head, [head.length, head.bodyLength])) differing.push(bytes.toString('latin1'));
  }
  t.same(differing, []);
  for (const method of ['CONNECT', 'GET', 'HEAD', 'POST', 'PUT'])
    t.ok((read[method] ?? 0) > 200, `${method}: ${read[method]}`);
});
