import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type IpAddress, maskOf, type Network, parseNetwork } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';
import { ip, networks as networksOf } from '../../fixtures/subject.ts';

function setOf(...texts: string[]): PrefixSet {
  return new PrefixSet(networksOf(...texts));
}

const CASES: readonly [title: string, networks: string[], inside: string[], outside: string[]][] = [
  ['an empty set holds nothing', [], [], ['0.0.0.0', '::']],
  [
    'a network holds its first and last address',
    ['10.0.0.0/8'],
    ['10.0.0.0', '10.255.255.255'],
    ['9.255.255.255', '11.0.0.0'],
  ],
  ['a network of one holds one', ['1.2.3.4'], ['1.2.3.4'], ['1.2.3.3', '1.2.3.5']],
  [
    '0.0.0.0/0 holds all of IPv4 and none of IPv6',
    ['0.0.0.0/0'],
    ['0.0.0.0', '255.255.255.255'],
    ['::', '::1'],
  ],
  ['::/0 holds all of IPv6 and none of IPv4', ['::/0'], ['::', 'ffff::1'], ['0.0.0.0', '::ffff:1.2.3.4']],
  [
    'a prefix that ends in the first word',
    ['2001:db8::/31'],
    ['2001:db8::', '2001:db9:ffff::'],
    ['2001:db7::', '2001:dba::'],
  ],
  [
    'a prefix that ends in the second word',
    ['2001:db8:8000::/33'],
    ['2001:db8:8000::'],
    ['2001:db8:7fff::', '2001:db9::'],
  ],
  [
    'a prefix that ends in the third word',
    ['1:2:3:4:5::/80'],
    ['1:2:3:4:5:6::'],
    ['1:2:3:4:6::', '1:2:3:5:5::'],
  ],
  [
    'a prefix that ends in the fourth word',
    ['1:2:3:4:5:6:7:0/112'],
    ['1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:8:0', '1:2:3:4:5:5:7:0'],
  ],
  ['both families at once', ['10.0.0.0/8', 'fd00::/8'], ['10.0.0.1', 'fd00::1'], ['11.0.0.1', 'fe00::1']],
];

for (const [title, networks, inside, outside] of CASES) {
  t.test(`PrefixSet: ${title}`, async (t) => {
    const set = setOf(...networks);
    for (const text of inside) t.ok(set.has(ip(text)), text);
    for (const text of outside) t.notOk(set.has(ip(text)), text);
  });
}

t.test('PrefixSet.find() answers the longest network, and of equal ones the first', async (t) => {
  const networks = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/16', '10.1.2.0/24'].map(parseNetwork);
  const set = new PrefixSet(networks);
  t.equal(set.find(ip('10.1.2.3')), networks[4]);
  t.equal(set.find(ip('10.1.3.3')), networks[2]);
  t.equal(set.find(ip('10.2.3.3')), networks[1]);
  t.equal(set.find(ip('11.2.3.3')), networks[0]);
  t.equal(set.find(ip('::1')), undefined);
});

t.test('PrefixSet answers each question by itself, whatever was asked before', async (t) => {
  const set = setOf('10.0.0.0/8');
  const [inside, outside] = [ip('10.0.0.1'), ip('11.0.0.1')];
  for (const address of [outside, outside, inside, inside, outside, ip('10.0.0.1'), ip('11.0.0.1'), inside])
    t.equal(set.has(address), address.text.startsWith('10.'), address.text);
});

t.test('PrefixSet.size counts different networks', async (t) => {
  t.equal(setOf().size, 0);
  t.equal(setOf('10.0.0.0/8', '10.0.0.0/8', '10.0.0.0/9', '::/0', '::/0').size, 3);
});

t.test('PrefixSet holds more prefix lengths than the filter has bits', async (t) => {
  const lengths = Array.from({ length: 97 }, (_, index) => 32 + index);
  const words = lengths.map((length) => `2001:${(length + 0x100).toString(16)}::/${length}`);
  const set = setOf(...words);
  t.equal(set.size, 97);
  for (const text of words) {
    const network = parseNetwork(text);
    t.equal(set.find(network.address)?.text, network.text);
  }
});

const network = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128))
  .map(([text, length]) => networkAround(ip(text), length));

function networkAround(address: IpAddress, length: number): Network {
  const width = address.family === 4 ? 32 : 128;
  try {
    return parseNetwork(`${address.text}/${length % (width + 1)}`);
  } catch (error) {
    // The message names the network without host bits.
    return parseNetwork(String(/write "(.*)"/.exec(String(error))?.[1]));
  }
}

function contains({ address, prefixLength }: Network, other: IpAddress): boolean {
  const pairs = [
    [address.w0, other.w0],
    [address.w1, other.w1],
    [address.w2, other.w2],
    [address.w3, other.w3],
  ] as const;
  return (
    address.family === other.family &&
    pairs.every(([a, b], index) => ((a ^ b) & maskOf(prefixLength - 32 * index)) === 0)
  );
}

t.test('PrefixSet agrees with asking every network in turn', async () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6()).map(ip);
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 60 }),
      fc.array(address, { maxLength: 20 }),
      (networks, addresses) => {
        const set = new PrefixSet(networks);
        const longestFirst = networks.toSorted((a, b) => b.prefixLength - a.prefixLength);
        for (const each of [...addresses, ...networks.map((one) => one.address)]) {
          const expected = longestFirst.find((one) => contains(one, each));
          assert.equal(set.find(each), expected);
          assert.equal(set.has(each), expected !== undefined);
        }
      },
    ),
    { seed: 20_261_129 },
  );
});

t.test('PrefixSet keeps crowded tables apart', async (t) => {
  const networks = Array.from({ length: 4096 }, (_, index) =>
    parseNetwork(`10.${index >> 8}.${index & 255}.0/24`),
  );
  const set = new PrefixSet(networks);
  t.equal(set.size, 4096);
  t.ok(networks.every((one) => set.find(one.address) === one));
  t.notOk(set.has(ip('10.16.0.0')));
  const v6 = Array.from({ length: 4096 }, (_, index) =>
    parseNetwork(`2001:db8::${index.toString(16)}:0/112`),
  );
  const set6 = new PrefixSet(v6);
  t.ok(v6.every((one) => set6.find(one.address) === one));
  t.notOk(set6.has(ip('2001:db8::1000:0')));
});
