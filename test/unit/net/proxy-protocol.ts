import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { MAX_PROXY_HEADER_BYTES, type ProxyHeader, readProxyHeader } from '#net/proxy-protocol.ts';
import { proxyHeader2 } from '../../fixtures/proxy-header.ts';

const SEED = 20_260_506;

/** In one line: `length address:port`, or the kind and why. */
function told(header: ProxyHeader): string {
  if (header.kind === 'more') return 'more';
  if (header.kind === 'malformed') return `malformed: ${header.why}`;
  const { length, client } = header;
  return client === undefined ? `${length} itself` : `${length} ${client.address} ${client.port}`;
}

function read(header: string | Buffer): string {
  return told(readProxyHeader(Buffer.from(header as string, 'latin1')));
}

const LINES: readonly [line: string, expected: string][] = [
  ['PROXY TCP4 192.0.2.7 198.51.100.1 56324 3128\r\n', '46 192.0.2.7 56324'],
  ['PROXY TCP4 192.0.2.7 198.51.100.1 0 65535\r\nCONNECT a:1 HTTP/1.1', '43 192.0.2.7 0'],
  ['PROXY TCP6 2001:db8::7 2001:db8::1 56324 3128\r\n', '47 2001:db8::7 56324'],
  ['PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n', '37 ::ffff:192.0.2.7 1'],
  ['PROXY UNKNOWN\r\n', '15 itself'],
  ['PROXY UNKNOWN ffff:f...f:ffff 1 2 whatever\r\n', '44 itself'],
  [`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`, '107 itself'],
];

for (const [line, expected] of LINES) {
  t.test(`readProxyHeader() reads ${JSON.stringify(line)}`, async (t) => {
    t.equal(read(line), expected);
  });
}

const BROKEN = 'malformed: its line cannot be read';

const BAD_LINES: Readonly<Record<string, string>> = {
  'PROXY TCP4 192.0.2.7 198.51.100.1 56324 65536\r\n': BROKEN,
  'PROXY TCP4 192.0.2.7 198.51.100.1 65536 1\r\n': BROKEN,
  'PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n': BROKEN,
  'PROXY TCP4 192.0.2.7 198.51.100.1 -1 2\r\n': BROKEN,
  'PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n': BROKEN,
  'PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n': BROKEN,
  'PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n': BROKEN,
  'PROXY TCP4 192.0.2.7 198.51.100.1 1 2 \r\n': BROKEN,
  'PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n\r\n': BROKEN,
  'PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n': BROKEN,
  'PROXY TCP4 192.0.2.7 198.51.100 1 2\r\n': BROKEN,
  'PROXY TCP4 2001:db8::7 198.51.100.1 1 2\r\n': BROKEN,
  'PROXY TCP6 192.0.2.7 2001:db8::1 1 2\r\n': BROKEN,
  'PROXY TCP6 2001:db8::7 198.51.100.1 1 2\r\n': BROKEN,
  'PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n': BROKEN,
  'PROXY UNKNOWNS\r\n': BROKEN,
  'PROXY \r\n': BROKEN,
  'proxy TCP4 192.0.2.7 198.51.100.1 1 2\r\n': 'malformed: there is none',
  'CONNECT a.example:443 HTTP/1.1\r\n': 'malformed: there is none',
  '\x16\x03\x01': 'malformed: there is none',
  [`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`]: 'malformed: its line is longer than 107 bytes',
};

for (const [line, expected] of Object.entries(BAD_LINES)) {
  t.test(`readProxyHeader() refuses ${JSON.stringify(line.slice(0, 50))}`, async (t) => {
    t.equal(read(line), expected);
  });
}

const V4 = Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0xdc, 0x04, 0x0c, 0x38]);
const V6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000007', 'hex'),
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.from([0xdc, 0x04, 0x0c, 0x38]),
]);

const BINARIES: readonly [title: string, header: Buffer, expected: string][] = [
  ['IPv4', proxyHeader2({ body: V4 }), '28 192.0.2.7 56324'],
  ['IPv6', proxyHeader2({ transport: 0x21, body: V6 }), '52 2001:0db8:0000:0000:0000:0000:0000:0007 56324'],
  [
    'what stands behind the addresses',
    proxyHeader2({ body: Buffer.concat([V4, Buffer.alloc(40, 9)]) }),
    '68 192.0.2.7 56324',
  ],
  [
    'the longest',
    proxyHeader2({ body: Buffer.concat([V4, Buffer.alloc(508)]) }),
    `${MAX_PROXY_HEADER_BYTES} 192.0.2.7 56324`,
  ],
  ['LOCAL', proxyHeader2({ command: 0, transport: 0, body: Buffer.alloc(0) }), '16 itself'],
  ['LOCAL with addresses, which count for nothing', proxyHeader2({ command: 0, body: V4 }), '28 itself'],
  [
    'LOCAL of a transport that nobody knows',
    proxyHeader2({ command: 0, transport: 0x77, body: V4 }),
    '28 itself',
  ],
  ['a transport that is not said', proxyHeader2({ transport: 0, body: V4 }), '28 itself'],
];

for (const [title, header, expected] of BINARIES) {
  t.test(`readProxyHeader() reads a binary header: ${title}`, async (t) => {
    t.equal(read(header), expected);
    t.equal(read(Buffer.concat([header, Buffer.from('CONNECT')])), expected, 'whatever follows');
  });
}

const BAD_BINARIES: readonly [title: string, header: Buffer, why: string][] = [
  ['another version', proxyHeader2({ version: 1, body: V4 }), 'its version is 1'],
  ['another command', proxyHeader2({ command: 2, body: V4 }), 'its command is 2'],
  [
    'a Unix socket',
    proxyHeader2({ transport: 0x31, body: Buffer.alloc(216) }),
    'it is not of TCP over IPv4 or IPv6',
  ],
  ['datagrams', proxyHeader2({ transport: 0x12, body: V4 }), 'it is not of TCP over IPv4 or IPv6'],
  ['half an address', proxyHeader2({ body: V4.subarray(1) }), 'it is too short for its addresses'],
  [
    'IPv6 with the length of IPv4',
    proxyHeader2({ transport: 0x21, body: V4 }),
    'it is too short for its addresses',
  ],
  ['more than there may be', proxyHeader2({ body: Buffer.alloc(521) }), 'it is longer than 536 bytes'],
  [
    'LOCAL with more than there may be',
    proxyHeader2({ command: 0, body: Buffer.alloc(521) }),
    'it is longer than 536 bytes',
  ],
];

for (const [title, header, why] of BAD_BINARIES) {
  t.test(`readProxyHeader() refuses a binary header: ${title}`, async (t) => {
    t.equal(read(header), `malformed: ${why}`);
  });
}

t.test('readProxyHeader() wants more of every beginning of a header, and of nothing else', async () => {
  const good = [
    ...LINES.map(([line]) => Buffer.from(line, 'latin1')),
    ...BINARIES.map(([, header]) => header),
  ];
  for (const bytes of good) {
    const whole = readProxyHeader(bytes);
    assert.equal(whole.kind, 'header');
    for (let length = 0; length < (whole as { length: number }).length; length += 1)
      assert.equal(readProxyHeader(bytes.subarray(0, length)).kind, 'more', `${length} bytes`);
  }
});

// Attacks: bounded.
t.test('readProxyHeader() never throws, and what it has said it says of more bytes too', async () => {
  const seeds = [
    ...LINES.map(([line]) => Buffer.from(line, 'latin1')),
    ...BINARIES.map(([, header]) => header),
  ];
  const changes = fc.array(fc.tuple(fc.nat({ max: 600 }), fc.nat({ max: 255 })), { maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), changes, fc.uint8Array({ maxLength: 30 }), (seed, list, tail) => {
      const bytes = Buffer.from(seed);
      for (const [at, byte] of list) if (at < bytes.length) bytes[at] = byte;
      const header = readProxyHeader(bytes);
      if (header.kind !== 'more') assert.deepEqual(readProxyHeader(Buffer.concat([bytes, tail])), header);
      if (header.kind === 'header') assert.ok(header.length <= bytes.length);
      else if (header.kind === 'more') assert.ok(bytes.length < MAX_PROXY_HEADER_BYTES);
    }),
    { seed: SEED, numRuns: 20_000 },
  );
});
