import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { compileSources } from '#match/networks.ts';
import { Tri } from '#match/tri.ts';
import { type Network, parseNetwork } from '#net/ip.ts';
import { partitionAddresses } from '#study/space/addresses.ts';
import { ip, networks, subject } from '../../../fixtures/subject.ts';

const CIDRS = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.0.0.0/31',
  '10.0.0.0/32',
  '255.255.255.255/32',
  '::/0',
  '::/80',
  '2001:db8::/32',
  'ffff::/16',
];
const ADDRESSES = [
  '10.0.0.0',
  '10.0.0.1',
  '10.0.0.2',
  '11.0.0.1',
  '255.255.255.255',
  '::1',
  '1::',
  '2001:db8::1',
  'ffff::1',
  '9999::1',
];

function signature(lists: readonly (readonly Network[])[], address: string): string {
  return lists
    .map((list) => compileSources(list).test({ ...subject(), clientAddress: ip(address) }) === Tri.True)
    .join();
}

t.test(
  'partitionAddresses() has every combination of lists that an address can be in, and no other',
  async () => {
    const list = fc.subarray(CIDRS, { minLength: 1 }).map((texts) => networks(...texts));
    fc.assert(
      fc.property(fc.array(list, { maxLength: 3 }), (lists) => {
        const { samples, holds } = partitionAddresses(lists, ['192.0.2.1']);
        const found = samples.map(({ text }) => signature(lists, text));
        assert.deepEqual(
          [...found].sort(),
          [...new Set(ADDRESSES.map((each) => signature(lists, each)))].sort(),
        );
        for (const [index, each] of found.entries()) {
          assert.equal(holds.map((classes) => classes.has(index)).join(), each);
        }
      }),
      { seed: 8, numRuns: 500 },
    );
  },
);

t.test('partitionAddresses() prefers the addresses given, and else the second of a network', async (t) => {
  const { samples } = partitionAddresses(
    [[parseNetwork('10.0.0.0/8')], [parseNetwork('::ffff:0:0/96')]],
    ['192.0.2.1'],
  );
  t.same(
    samples.map(({ text }) => text),
    ['192.0.2.1', '10.0.0.1', '::1'],
    'a mapped address is an IPv4 address',
  );
});
