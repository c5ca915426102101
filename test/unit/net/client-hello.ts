import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ClientHelloReader, type HelloResult, MAX_HELLO_BYTES } from '#net/client-hello.ts';
import {
  captured,
  clientHello,
  type HelloParts,
  handshake,
  helloMessage,
  nodeHello,
  record,
  recordsOf,
  serverNameExtension,
  vector8,
  vector16,
} from '../../fixtures/client-hello.ts';
import { run } from '../../fixtures/run.ts';

const SEED = 20_260_505;

function read(...pieces: readonly Uint8Array[]): HelloResult {
  const reader = new ClientHelloReader();
  let result: HelloResult = { kind: 'more' };
  for (const piece of pieces) result = reader.push(piece);
  return result;
}

/** What it says in one line: `hello name alpn ech`, or the kind and why. */
function told(result: HelloResult): string {
  if (result.kind === 'malformed') return `malformed: ${result.why}`;
  if (result.kind !== 'hello') return result.kind;
  const { serverName, alpn, hasEch } = result.hello;
  return `hello ${serverName?.text ?? '-'} ${alpn.join()}${hasEch ? ' ech' : ''}`;
}

/** Whole ones in one record each. */
const HELLOS: readonly [title: string, parts: HelloParts, expected: string][] = [
  ['with a name', { serverName: 'login.microsoft.com' }, 'hello login.microsoft.com '],
  ['with a name in its canonical form', { serverName: 'Login.Microsoft.COM.' }, 'hello login.microsoft.com '],
  ['with protocols', { serverName: 'a.example', alpn: ['h2', 'http/1.1'] }, 'hello a.example h2,http/1.1'],
  ['without a name', { alpn: ['h2'] }, 'hello - h2'],
  ['without extensions', { rawExtensions: Buffer.alloc(0) }, 'hello - '],
  ['with an empty list of extensions', {}, 'hello - '],
  ['with an address for a name', { serverName: '10.0.0.1' }, 'hello 10.0.0.1 '],
  [
    'with ECH',
    { serverName: 'outer.example', extensions: [[0xfe0d, Buffer.from([0, 1])]] },
    'hello outer.example  ech',
  ],
  ['with an extension that nobody knows', { extensions: [[0x5a5a, Buffer.alloc(9)]] }, 'hello - '],
  ['of an old version, without a session', { version: 0x0301, sessionId: Buffer.alloc(0) }, 'hello - '],
  [
    'of post-quantum size',
    { serverName: 'a.example', extensions: [[51, Buffer.alloc(1300)]] },
    'hello a.example ',
  ],
];

for (const [title, parts, expected] of HELLOS) {
  t.test(`ClientHelloReader reads a hello ${title}`, async (t) => {
    t.equal(told(read(clientHello(parts))), expected);
  });
}

function nameList(...entries: readonly (readonly [type: number, name: string])[]): Buffer {
  const list = entries.map(([type, name]) =>
    Buffer.concat([Buffer.from([type]), vector16(Buffer.from(name, 'latin1'))]),
  );
  return vector16(Buffer.concat(list));
}

function withExtension(type: number, body: Buffer): Buffer {
  return clientHello({ extensions: [[type, body]] });
}

/** The hello's body, cut or changed. */
function bodyOf(change: (body: Buffer) => Buffer): Buffer {
  return record(handshake(1, change(helloMessage().subarray(4))));
}

const MALFORMED: readonly [title: string, bytes: Buffer, why: string][] = [
  ['an empty record', record(Buffer.alloc(0)), 'a record is empty'],
  ['a record that is too long', Buffer.from([22, 3, 1, 0x40, 0x01]), 'a record is too long'],
  [
    'another record amid it',
    Buffer.concat([record(helloMessage().subarray(0, 9)), record(Buffer.from([1]), 20)]),
    'another kind of record comes amid it',
  ],
  [
    'a second record of no version',
    Buffer.concat([record(helloMessage().subarray(0, 9)), record(Buffer.from([1]), 22, 0x0401)]),
    'a record has no version of TLS',
  ],
  [
    'a second record of a version to come',
    Buffer.concat([record(helloMessage().subarray(0, 9)), record(Buffer.from([1]), 22, 0x0305)]),
    'a record has no version of TLS',
  ],
  ['another message first', record(handshake(2, Buffer.alloc(4))), 'the first message is none'],
  ['an empty message', record(handshake(1, Buffer.alloc(0))), 'it is empty'],
  [
    'a message that is too long',
    record(Buffer.from([1, 0, 0x40, 0])),
    `it is longer than ${MAX_HELLO_BYTES} bytes`,
  ],
  [
    'the longest message in too many records',
    recordsOf(helloMessage({ extensions: [[9, Buffer.alloc(9_000)]] }), 1),
    `it is longer than ${MAX_HELLO_BYTES} bytes`,
  ],
  [
    'more in its record',
    record(
      Buffer.concat([helloMessage({ serverName: 'a.example' }), helloMessage({ serverName: 'b.example' })]),
    ),
    'its record has more than it',
  ],
  ['no version of TLS', clientHello({ version: 0x0203 }), 'its version is none of TLS'],
  [
    'a session id that is too long',
    clientHello({ sessionId: Buffer.alloc(33) }),
    'its session id is too long',
  ],
  ['no cipher suite', clientHello({ suites: Buffer.alloc(0) }), 'its list of cipher suites is broken'],
  ['half a cipher suite', clientHello({ suites: Buffer.alloc(3) }), 'its list of cipher suites is broken'],
  ['no compression method', clientHello({ compression: Buffer.alloc(0) }), 'it has no compression method'],
  ['half of it', bodyOf((body) => body.subarray(0, 20)), 'a length in it leads beyond its end'],
  [
    'something behind its extensions',
    bodyOf((body) => Buffer.concat([body, Buffer.from([0])])),
    'something follows where it should end',
  ],
  [
    'a list of extensions that is longer than it',
    clientHello({ rawExtensions: Buffer.from([0, 9]) }),
    'a length in it leads beyond its end',
  ],
  [
    'half an extension',
    clientHello({ rawExtensions: vector16(Buffer.from([0])) }),
    'a length in it leads beyond its end',
  ],
  [
    'two names of servers',
    clientHello({ serverName: 'a.example', extensions: [[0, serverNameExtension('b.example')]] }),
    'extension 0 is there twice',
  ],
  [
    'an extension twice that nobody asks for',
    clientHello({
      extensions: [
        [51, Buffer.alloc(1)],
        [51, Buffer.alloc(1)],
      ],
    }),
    'extension 51 is there twice',
  ],
  ['an empty server name', withExtension(0, Buffer.alloc(0)), 'a length in it leads beyond its end'],
  [
    'an empty list of server names',
    withExtension(0, vector16(Buffer.alloc(0))),
    'a length in it leads beyond its end',
  ],
  ['a name of another kind', withExtension(0, nameList([1, 'a.example'])), 'its server name is no host name'],
  [
    'two names in one list',
    withExtension(0, nameList([0, 'a.example'], [0, 'b.example'])),
    'something follows where it should end',
  ],
  [
    'something behind the list of names',
    withExtension(0, Buffer.concat([serverNameExtension('a.example'), Buffer.from([0])])),
    'something follows where it should end',
  ],
  [
    'a name of no characters',
    withExtension(0, nameList([0, ''])),
    'its server name has other characters than a host name',
  ],
  ...['a.example\0.b.example', 'b\u00fccher.example', 'a b', '[::1]', '*.x.com', 'x.com:443'].map(
    (name): [string, Buffer, string] => [
      `the name ${JSON.stringify(name)}`,
      clientHello({ serverName: name }),
      'its server name has other characters than a host name',
    ],
  ),
  [
    'a name with an empty label',
    clientHello({ serverName: 'a..b' }),
    'its server name is none: Cannot read host "a..b": it has an empty label',
  ],
  [
    'a name that some read as an address',
    clientHello({ serverName: '127.1' }),
    'its server name is none: Cannot read host "127.1": an IPv4 address is written as four decimal numbers',
  ],
  [
    'an empty list of protocols',
    withExtension(16, vector16(Buffer.alloc(0))),
    'a length in it leads beyond its end',
  ],
  [
    'a protocol without a name',
    withExtension(16, vector16(vector8(Buffer.alloc(0)))),
    'it offers a protocol without a name',
  ],
  [
    'something behind the list of protocols',
    withExtension(16, Buffer.concat([vector16(vector8(Buffer.from('h2'))), Buffer.from([0])])),
    'something follows where it should end',
  ],
];

for (const [title, bytes, why] of MALFORMED) {
  t.test(`ClientHelloReader refuses ${title}`, async (t) => {
    t.equal(told(read(bytes)), `malformed: ${why}`);
  });
}

t.test('ClientHelloReader tells other protocols by their first bytes', async (t) => {
  const others: Readonly<Record<string, string>> = {
    HTTP: 'G',
    SSH: 'S',
    'TLS data without a handshake': '\x17',
    'TLS 1.0 as SSL 2 greets': '\x80',
    'a record of SSL 2': '\x16\x02',
    'a record of a version to come': '\x16\x03\x05',
  };
  for (const [what, bytes] of Object.entries(others)) {
    t.equal(told(read(Buffer.from(bytes, 'latin1'))), 'not-tls', what);
  }
});

t.test('ClientHelloReader wants more until it knows', async (t) => {
  const whole = clientHello({ serverName: 'a.example' });
  const reader = new ClientHelloReader();
  t.notOk(reader.hasBegun);
  t.equal(reader.push(Buffer.alloc(0)).kind, 'more');
  t.notOk(reader.hasBegun);
  t.equal(reader.push(whole.subarray(0, 1)).kind, 'more');
  t.ok(reader.hasBegun);
  t.equal(reader.push(whole.subarray(1, -1)).kind, 'more');
  t.equal(reader.push(whole.subarray(-1)).kind, 'hello');
});

t.test('what follows a hello, or a refusal, is not looked at', async (t) => {
  const hello = clientHello({ serverName: 'a.example' });
  t.equal(told(read(hello, Buffer.from('whatever'))), 'hello a.example ');
  t.equal(told(read(Buffer.concat([hello, record(Buffer.from([1]), 20)]))), 'hello a.example ');
  t.equal(told(read(Buffer.from('GET'), hello)), 'not-tls');
});

t.test('a hello of exactly the longest length is read', async (t) => {
  const empty = clientHello({ extensions: [[9, Buffer.alloc(0)]] });
  const longest = clientHello({ extensions: [[9, Buffer.alloc(MAX_HELLO_BYTES - empty.length)]] });
  t.equal(longest.length, MAX_HELLO_BYTES);
  t.equal(told(read(longest)), 'hello - ');
});

/** Cuts `bytes` at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const anyHello = fc
  .record({
    serverName: fc.option(fc.constantFrom('a.example', 'login.microsoft.com', 'a..b', 'x\0y'), {
      nil: undefined,
    }),
    alpn: fc.option(fc.constantFrom(['h2'], ['h2', 'http/1.1']), { nil: undefined }),
    padding: fc.nat({ max: 17_000 }),
    fragment: fc.integer({ min: 1, max: 16_384 }),
  })
  .map(({ serverName, alpn, padding, fragment }) =>
    recordsOf(helloMessage({ serverName, alpn, extensions: [[21, Buffer.alloc(padding)]] }), fragment),
  );

t.test('however the bytes are cut, they come to the same', async () => {
  fc.assert(
    fc.property(anyHello, fc.array(fc.nat(), { maxLength: 20 }), (bytes, places) => {
      assert.deepEqual(read(...cut(bytes, places)), read(bytes));
    }),
    { seed: SEED, numRuns: 300 },
  );
  const small = recordsOf(helloMessage({ serverName: 'a.example', alpn: ['h2'] }), 7);
  assert.deepEqual(read(...[...small].map((byte) => Buffer.from([byte]))), read(small));
});

// Attacks: bounded.
t.test('no change to a hello makes it throw, or read beyond its bytes', async () => {
  const whole = recordsOf(helloMessage({ serverName: 'a.example', alpn: ['h2', 'http/1.1'] }), 60);
  const changes = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(changes, fc.nat({ max: whole.length }), (list, length) => {
      const changed = Buffer.from(whole);
      for (const [at, byte] of list) changed[at] = byte;
      // What stands behind is another one's: it changes nothing.
      const outcomes = [0, 255].map((filling) => {
        const memory = Buffer.alloc(whole.length + 64, filling);
        changed.copy(memory, 0, 0, length);
        return read(memory.subarray(0, length));
      });
      assert.deepEqual(outcomes[0], outcomes[1]);
    }),
    { seed: SEED, numRuns: 20_000 },
  );
});

t.test('no bytes at all make it throw', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      read(bytes);
      read(record(Buffer.from(bytes)));
      read(record(handshake(1, Buffer.from(bytes))));
      read(withExtension(0, Buffer.from(bytes)));
      read(withExtension(16, Buffer.from(bytes)));
      read(clientHello({ rawExtensions: vector16(Buffer.from(bytes)) }));
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

t.test('the hellos of Node are read', async (t) => {
  const named = await nodeHello({ servername: 'login.microsoft.com', ALPNProtocols: ['h2', 'http/1.1'] });
  t.equal(told(read(named)), 'hello login.microsoft.com h2,http/1.1');
  t.equal(told(read(await nodeHello({ servername: '' }))), 'hello - ');
  const old = await nodeHello({ servername: 'a.example', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
  t.equal(told(read(old)), 'hello a.example ');
});

/** What `program` sends to a port. */
function sentBy(program: string, argsFor: (port: number) => readonly string[]): Promise<Buffer> {
  return captured((port) => {
    const running = run(program, argsFor(port)).catch(() => {});
    return () => void running;
  });
}

t.test('the hellos of openssl are read', async (t) => {
  const bytes = await sentBy('openssl', (port) => [
    ...['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'a.example', '-alpn', 'h2'],
  ]);
  t.equal(told(read(bytes)), 'hello a.example h2');
  const nameless = await sentBy('openssl', (port) => [
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    '-noservername',
  ]);
  t.equal(told(read(nameless)), 'hello - ');
});

t.test('the hello of curl is read', async (t) => {
  const bytes = await sentBy('curl', (port) => [
    ...['-sk', '--http1.1', '--resolve', `a.example:${port}:127.0.0.1`, `https://a.example:${port}/`],
  ]);
  t.equal(told(read(bytes)), 'hello a.example http/1.1');
});
