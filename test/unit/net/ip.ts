import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  embeddedIpv4,
  isLoopback,
  isSameIp,
  isUnspecified,
  maskOf,
  networkAround,
  parseIp,
  parseNetwork,
  parseSystemIp,
} from '#net/ip.ts';
import { ip } from '../../fixtures/subject.ts';

t.test('parseIp() reads IPv4 into one signed word', async (t) => {
  t.same(parseIp('10.1.2.3'), { family: 4, w0: 0x0a01_0203, w1: 0, w2: 0, w3: 0, text: '10.1.2.3' });
  t.equal(ip('255.255.255.255').w0, -1);
  t.equal(ip('128.0.0.0').w0, -(2 ** 31));
});

t.test('parseIp() reads IPv6 into four signed words and its canonical text', async (t) => {
  t.same(parseIp('FE80:0:0:0:0:0:0:1'), {
    family: 6,
    w0: 0xfe80_0000 | 0,
    w1: 0,
    w2: 0,
    w3: 1,
    text: 'fe80::1',
  });
  t.same(parseIp('1:2:3:4:5:6:7:8'), {
    family: 6,
    w0: 0x0001_0002,
    w1: 0x0003_0004,
    w2: 0x0005_0006,
    w3: 0x0007_0008,
    text: '1:2:3:4:5:6:7:8',
  });
});

for (const text of ['::ffff:10.1.2.3', '::FFFF:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:ffff:10.1.2.3']) {
  t.test(`parseIp() takes the IPv4-mapped ${text} for the IPv4 address`, async (t) => {
    t.same(parseIp(text), ip('10.1.2.3'));
  });
}

t.test('parseSystemIp() leaves out the interface of an address of a link', async (t) => {
  const texts = ['fe80::1%eth0', 'fe80::1', '192.0.2.1', 'nonsense%eth0'];
  t.same(
    texts.map((text) => parseSystemIp(text)?.text),
    ['fe80::1', 'fe80::1', '192.0.2.1', undefined],
  );
});

const LOOPBACK = {
  '127.0.0.1': true,
  '127.255.0.9': true,
  '::1': true,
  '128.0.0.1': false,
  '::2': false,
  '1::1': false,
};

for (const [text, expected] of Object.entries(LOOPBACK)) {
  t.test(`isLoopback(): ${text}`, async (t) => t.equal(isLoopback(ip(text)), expected));
}

t.test('parseIp() refuses what is neither', async (t) => {
  for (const text of [
    '',
    'localhost',
    '127.1',
    '[::1]',
    '::1%lo',
    '::ffff:1.2.3',
    '::ffff:10.1.2.3.4',
    ' 1.2.3.4',
  ]) {
    t.equal(parseIp(text), undefined, text);
  }
});

t.test('parseIp() is idempotent: its text is the address', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = ip(text);
      assert.deepEqual(parseIp(address.text), address);
    }),
    { seed: 20_261_129 },
  );
});

t.test('isSameIp() compares family and all words', async (t) => {
  t.ok(isSameIp(ip('1:2:3:4:5:6:7:8'), ip('1:2:3:4:5:6:7:8')));
  t.ok(isSameIp(ip('::ffff:1.2.3.4'), ip('1.2.3.4')));
  t.notOk(isSameIp(ip('0.0.0.0'), ip('::')), 'families differ');
  for (const other of ['1:3:3:4:5:6:7:8', '1:2:3:5:5:6:7:8', '1:2:3:4:5:7:7:8', '1:2:3:4:5:6:7:9']) {
    t.notOk(isSameIp(ip('1:2:3:4:5:6:7:8'), ip(other)), other);
  }
});

t.test('isUnspecified() knows 0.0.0.0 and ::', async (t) => {
  t.ok(isUnspecified(ip('0.0.0.0')));
  t.ok(isUnspecified(ip('::')));
  for (const text of ['0.0.0.1', '::1', '1::', '128.0.0.0']) t.notOk(isUnspecified(ip(text)), text);
});

t.test('maskOf() covers the first bits of a word', async (t) => {
  t.equal(maskOf(-1), 0);
  t.equal(maskOf(0), 0);
  t.equal(maskOf(1), 0x8000_0000 | 0);
  t.equal(maskOf(8), 0xff00_0000 | 0);
  t.equal(maskOf(31), -2);
  t.equal(maskOf(32), -1);
  t.equal(maskOf(33), -1);
});

const NETWORKS: readonly [text: string, canonical: string, prefixLength: number][] = [
  ['0.0.0.0/0', '0.0.0.0/0', 0],
  ['10.0.0.0/8', '10.0.0.0/8', 8],
  ['10.1.2.3', '10.1.2.3/32', 32],
  ['10.1.2.3/32', '10.1.2.3/32', 32],
  ['::/0', '::/0', 0],
  ['2001:DB8::/32', '2001:db8::/32', 32],
  ['2001:db8:0:8000::/49', '2001:db8:0:8000::/49', 49],
  ['2001:db8:0:0:8000::/65', '2001:db8:0:0:8000::/65', 65],
  ['::1', '::1/128', 128],
  ['::2/127', '::2/127', 127],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8', 8],
  ['::ffff:0:0/96', '0.0.0.0/0', 0],
  ['::ffff:10.1.2.3', '10.1.2.3/32', 32],
];

for (const [text, canonical, prefixLength] of NETWORKS) {
  t.test(`parseNetwork() reads ${text}`, async (t) => {
    const network = parseNetwork(text);
    t.equal(network.text, canonical);
    t.equal(network.prefixLength, prefixLength);
    t.equal(network.address.text, canonical.slice(0, canonical.indexOf('/')));
    t.ok(Object.isFrozen(network));
  });
}

const NETWORK_FAULTS: Readonly<Record<string, string>> = {
  '10.1.2.3/8': 'Network "10.1.2.3/8" has host bits set, write "10.0.0.0/8"',
  '0.0.0.1/0': 'Network "0.0.0.1/0" has host bits set, write "0.0.0.0/0"',
  '2001:db8::1/32': 'Network "2001:db8::1/32" has host bits set, write "2001:db8::/32"',
  '1:2:3:4:5:6:7:8/64': 'Network "1:2:3:4:5:6:7:8/64" has host bits set, write "1:2:3:4::/64"',
  '::ffff:10.1.0.0/104': 'Network "::ffff:10.1.0.0/104" has host bits set, write "10.0.0.0/8"',
  '10.0.0.0/33': 'Network "10.0.0.0/33" has too long a prefix, write at most "10.0.0.0/32"',
  '::/129': 'Network "::/129" has too long a prefix, write at most "::/128"',
  '::ffff:1.2.3.4/129': 'Network "::ffff:1.2.3.4/129" has too long a prefix, write at most "1.2.3.4/32"',
  '::ffff:0:0/95': 'Network "::ffff:0:0/95" is wider than all IPv4 addresses, write "0.0.0.0/0" for those',
};

for (const [text, message] of Object.entries(NETWORK_FAULTS)) {
  t.test(`parseNetwork() says what is wrong with ${text}`, async (t) => {
    t.throws(() => parseNetwork(text), { message });
  });
}

t.test('parseNetwork() refuses what is no network', async (t) => {
  const unreadable = ['', '/8', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0.0/8/8', '10/8', 'a.com/8'];
  for (const text of [...unreadable, '10.0.0.0/255.0.0.0', '10.0.0.0/8 ', '[::1]/128', '10.0.0.0/1000']) {
    t.throws(
      () => parseNetwork(text),
      { message: /^Network ".*" cannot be read, write an address or a range/ },
      text,
    );
  }
});

const EMBEDDED: readonly [what: string, text: string, embedded: string | undefined][] = [
  ['NAT64', '64:ff9b::192.0.2.1', '192.0.2.1'],
  ['local NAT64', '64:ff9b:1::192.0.2.1', '192.0.2.1'],
  ['local NAT64 with a longer prefix', '64:ff9b:1:ffff:0:1:192.0.2.1', '192.0.2.1'],
  ['what follows the NAT64 prefix', '64:ff9b::1:c000:201', undefined],
  ['what follows the local NAT64 prefix', '64:ff9b:2::c000:201', undefined],
  ['a neighbour of the NAT64 prefix', '64:ff9c::192.0.2.1', undefined],
  ['6to4', '2002:c000:201::1', '192.0.2.1'],
  ['a neighbour of 6to4', '2003:c000:201::1', undefined],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '192.0.2.45'],
  ['a neighbour of Teredo', '2001:1:4136:e378:8000:63bf:3fff:fdd2', undefined],
  ['ISATAP', 'fe80::5efe:192.0.2.1', '192.0.2.1'],
  ['ISATAP under a global prefix', '2400:1:2:3:0:5efe:192.0.2.1', '192.0.2.1'],
  ['ISATAP with the universal bit', '2400:1:2:3:200:5efe:192.0.2.1', '192.0.2.1'],
  ['an interface identifier like ISATAP', '2400:1:2:3:100:5efe:192.0.2.1', undefined],
  ['IPv4-compatible', '::192.0.2.1', '192.0.2.1'],
  ['the lowest IPv4-compatible', '::2', '0.0.0.2'],
  ['loopback', '::1', undefined],
  ['the unspecified address', '::', undefined],
  ['IPv4-translated', '::ffff:0:192.0.2.1', '192.0.2.1'],
  ['another address with leading zeros', '::1:0:c000:201', undefined],
  ['another address with zeros before the third word', '0:0:0:1::c000:201', undefined],
  ['IPv4 itself', '192.0.2.1', undefined],
];

for (const [what, text, embedded] of EMBEDDED) {
  t.test(`embeddedIpv4() finds ${embedded ?? 'none'} in ${what}`, async (t) => {
    t.same(embeddedIpv4(ip(text)), embedded === undefined ? undefined : ip(embedded));
  });
}

t.test('networkAround() clears the bits after the prefix', async (t) => {
  for (const [address, bits, text] of [
    ['10.128.7.9', 24, '10.128.7.0/24'],
    ['10.128.7.9', 32, '10.128.7.9/32'],
    ['10.128.7.9', 0, '0.0.0.0/0'],
    ['2001:db8:1:2:3::4', 64, '2001:db8:1:2::/64'],
  ] as const) {
    t.same(networkAround(ip(address), bits), parseNetwork(text));
  }
});
