import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { formatIpv6, parseIpv6 } from '#net/ipv6.ts';

const WELL_FORMED: readonly [text: string, groups: readonly number[], canonical: string][] = [
  ['::', [0, 0, 0, 0, 0, 0, 0, 0], '::'],
  ['::1', [0, 0, 0, 0, 0, 0, 0, 1], '::1'],
  ['1::', [1, 0, 0, 0, 0, 0, 0, 0], '1::'],
  ['2001:DB8::8:800:200C:417A', [0x2001, 0xdb8, 0, 0, 8, 0x800, 0x200c, 0x417a], '2001:db8::8:800:200c:417a'],
  ['2001:0db8:0:0:1:0:0:1', [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
  ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8], '1:2:3:4:5:6:7:8'],
  ['1:0:3:4:5:6:7:8', [1, 0, 3, 4, 5, 6, 7, 8], '1:0:3:4:5:6:7:8'],
  ['1::3:4:5:6:7:8', [1, 0, 3, 4, 5, 6, 7, 8], '1:0:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7::', [1, 2, 3, 4, 5, 6, 7, 0], '1:2:3:4:5:6:7:0'],
  ['0:0:1:0:0:0:1:0', [0, 0, 1, 0, 0, 0, 1, 0], '0:0:1::1:0'],
  ['::13.1.68.3', [0, 0, 0, 0, 0, 0, 0x0d01, 0x4403], '::d01:4403'],
  ['64:ff9b::192.0.2.33', [0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x221], '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:255.255.255.255', [1, 2, 3, 4, 5, 6, 0xffff, 0xffff], '1:2:3:4:5:6:ffff:ffff'],
  [
    'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255',
    new Array<number>(8).fill(0xffff),
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ],
];

for (const [text, groups, canonical] of WELL_FORMED) {
  t.test(`parseIpv6() reads ${text}`, async (t) => {
    t.same(parseIpv6(text), groups);
    t.equal(formatIpv6(groups), canonical);
  });
}

const MALFORMED: Readonly<Record<string, string>> = {
  'the empty text': '',
  'one colon': ':',
  'three colons': ':::',
  'seven groups': '1:2:3:4:5:6:7',
  'nine groups': '1:2:3:4:5:6:7:8:9',
  'a gap for no group': '1:2:3:4::5:6:7:8',
  'two gaps': '1::2::3',
  'a leading colon': ':1:2:3:4:5:6:7',
  'a trailing colon': '1:2:3:4:5:6:7:',
  'a group of five digits': '1:2:3:4:5:6:7:12345',
  'a group that is no number': '1:2:3:4:5:6:7:g',
  'a dotted quad before the gap': '1.2.3.4::',
  'a dotted quad in the middle': '::1.2.3.4:5',
  'a dotted quad that is none': '::1.2.3.256',
  'a dotted quad as the eighth group': '1:2:3:4:5:6:7:1.2.3.4',
  'a zone': 'fe80::1%eth0',
  brackets: '[::1]',
  'a space': '::1 ',
  'more than 45 characters': '0000:0000:0000:0000:0000:0000:0000:0000:000001',
};

for (const [what, text] of Object.entries(MALFORMED)) {
  t.test(`parseIpv6() refuses ${what}`, async (t) => {
    t.equal(parseIpv6(text), undefined);
  });
}

const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });

t.test(
  'parseIpv6() reads back every address that formatIpv6() writes, as the URL standard does',
  async () => {
    fc.assert(
      fc.property(groups, (address) => {
        const text = formatIpv6(address);
        assert.deepEqual(parseIpv6(text), address);
        assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`);
      }),
      { seed: 20_261_129 },
    );
  },
);

t.test('parseIpv6() agrees with Node on what is an address', async () => {
  const piece = fc.constantFrom(':', '::', '0', '1', 'ab', 'ffff', 'fffff', 'g', '1.2.3.4', '1.2.3.256', '.');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 17 }), (pieces) => {
      const text = pieces.join('');
      return (parseIpv6(text) !== undefined) === isIPv6(text);
    }),
    { seed: 20_261_129, numRuns: 5000 },
  );
});
