/** `node bench/micro/net/prefix-set.ts`: one address looked up among many networks. First proves the answers the slow way. */
import assert from 'node:assert/strict';
import { maskOf } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';
import { addressFor, randomNetworks } from '../lists.ts';
import { measure } from '../measure.ts';

const ADDRESSES = 4096;

const cases = [10, 10_000].map((count) => {
  const networks = randomNetworks(count);
  const set = new PrefixSet(networks);
  const addresses = Array.from({ length: ADDRESSES }, (_, index) => addressFor(index, networks));
  for (const address of addresses.slice(0, 64)) {
    const isIn = networks.some(
      (network) => ((network.address.w0 ^ address.w0) & maskOf(network.prefixLength)) === 0,
    );
    assert.equal(set.has(address), isIn);
  }
  const at = (index: number) => addresses[index & (ADDRESSES - 1)] as (typeof addresses)[number];
  return { name: `PrefixSet.has() of ${count}`, call: (index: number) => set.has(at(index)) };
});
measure('networks', cases);
