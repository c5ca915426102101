/**
 * A set of networks whose lookup does not slow down as the set grows: one open-addressing hash table per family and
 * prefix length in use, asked from the longest prefix to the shortest. A filter in front, keyed by an address's first
 * bits, names the few tables that can answer. Knows nothing of what the networks mean.
 */
import { type IpAddress, maskOf, type Network } from './ip.ts';

/** An immutable set of networks. */
export class PrefixSet<N extends Network = Network> {
  readonly #networks: readonly N[];
  readonly #v4: Family;
  readonly #v6: Family;
  /** How many different networks there are. */
  readonly size: number;
  /** The last question: rules ask for one client one after the other, and the same connection and target come again. */
  #address: IpAddress | undefined = undefined;
  #index = -1;

  constructor(networks: Iterable<N>) {
    this.#networks = [...networks];
    this.#v4 = compileFamily(this.#networks, 4);
    this.#v6 = compileFamily(this.#networks, 6);
    this.size = [...this.#v4.tables, ...this.#v6.tables].reduce((sum, table) => sum + table.size, 0);
  }

  /** Whether any network holds the address. */
  has(address: IpAddress): boolean {
    return this.#indexOf(address) >= 0;
  }

  /** The longest network that holds the address; of equal ones the first given. */
  find(address: IpAddress): N | undefined {
    const index = this.#indexOf(address);
    return index < 0 ? undefined : this.#networks[index];
  }

  #indexOf(address: IpAddress): number {
    if (address !== this.#address) {
      this.#index = this.#lookUp(address);
      this.#address = address;
    }
    return this.#index;
  }

  #lookUp(address: IpAddress): number {
    const { tables, filter, filterShift, keyMask, always } = address.family === 4 ? this.#v4 : this.#v6;
    // The mask changes nothing but V8's mind: without it, it takes the shifted product for a signed number, time after time.
    const key = (Math.imul(address.w0 & keyMask, GOLDEN) >>> filterShift) & (filter.length - 1);
    const candidates = always | (filter[key] as number);
    for (let i = 0; i < tables.length; i += 1) {
      if ((candidates & bitOf(i)) === 0) continue;
      const table = tables[i] as Table;
      const slot = address.family === 4 ? v4Slot(table, address) : v6Slot(table, address);
      const index = table.indexes[slot] as number;
      if (index >= 0) return index;
    }
    return -1;
  }
}

/** The tables of one address family, longest prefix first. */
interface Family {
  readonly tables: readonly Table[];
  /** By hashed first bits of an address: which tables hold a network that begins so. */
  readonly filter: Int32Array;
  readonly filterShift: number;
  readonly keyMask: number;
  /** Tables of prefixes too short for the filter. */
  readonly always: number;
}

/** All networks of one family and one prefix length. */
interface Table {
  /** Words of the networks' addresses, one or four per slot. */
  readonly words: Int32Array;
  /** Per slot the index of its network; -1: free. */
  readonly indexes: Int32Array;
  /** Turns a hash into a slot. */
  readonly shift: number;
  readonly m0: number;
  readonly m1: number;
  readonly m2: number;
  readonly m3: number;
  readonly size: number;
}

/** Odd constants for mixing words; the first is 2^32 divided by the golden ratio. */
const GOLDEN = 0x9e37_79b1 | 0;
const MIX_1 = 0x85eb_ca6b | 0;
const MIX_2 = 0xc2b2_ae35 | 0;
const MIX_3 = 0x27d4_eb2f | 0;

/** A table's bit in the filter; all from the 32nd share the last. */
function bitOf(tableIndex: number): number {
  return 1 << Math.min(tableIndex, 31);
}

function compileFamily(networks: readonly Network[], family: 4 | 6): Family {
  const indexes = [...networks.keys()].filter((index) => networks[index]?.address.family === family);
  const byLength = [...Map.groupBy(indexes, (index) => (networks[index] as Network).prefixLength)];
  byLength.sort(([a], [b]) => b - a);
  const keyBits = family === 4 ? 16 : 32;
  const filterBits = bitsFor(indexes.length * 4);
  const filter = new Int32Array(1 << filterBits);
  let always = 0;
  for (const [tableIndex, [prefixLength, group]] of byLength.entries()) {
    if (prefixLength < keyBits) always |= bitOf(tableIndex);
    for (const index of group) {
      const key = (networks[index] as Network).address.w0 & maskOf(keyBits);
      const at = Math.imul(key, GOLDEN) >>> (32 - filterBits);
      filter[at] = (filter[at] as number) | bitOf(tableIndex);
    }
  }
  return {
    tables: byLength.map(([prefixLength, group]) => compileTable(networks, group, prefixLength)),
    filter,
    filterShift: 32 - filterBits,
    keyMask: maskOf(keyBits),
    always,
  };
}

/** How many bits number at least `count` slots; one at least. */
function bitsFor(count: number): number {
  return Math.max(1, 32 - Math.clz32(count - 1));
}

function compileTable(networks: readonly Network[], members: readonly number[], prefixLength: number): Table {
  const isV4 = networks[members[0] as number]?.address.family === 4;
  // At most half full, so that a probe ends after two slots on average.
  const bits = bitsFor(members.length * 2);
  const words = new Int32Array((isV4 ? 1 : 4) << bits);
  const indexes = new Int32Array(1 << bits).fill(-1);
  const [m0, m1, m2, m3] = [0, 32, 64, 96].map((offset) => maskOf(prefixLength - offset)) as Four;
  const table = { words, indexes, shift: 32 - bits, m0, m1, m2, m3, size: 0 };
  for (const index of members) {
    const { address } = networks[index] as Network;
    const slot = isV4 ? v4Slot(table, address) : v6Slot(table, address);
    if (indexes[slot] !== -1) continue;
    const { w0, w1, w2, w3 } = address;
    words.set(isV4 ? [w0] : [w0, w1, w2, w3], isV4 ? slot : slot * 4);
    indexes[slot] = index;
    table.size += 1;
  }
  return table;
}

type Four = [number, number, number, number];

/** Where the network of this address is, or else the free slot where it would be. */
function v4Slot({ words, indexes, shift, m0 }: Table, address: IpAddress): number {
  const word = address.w0 & m0;
  // Multiplying by an odd constant spreads a network's leading bits over the product's top bits.
  let slot = Math.imul(word, GOLDEN) >>> shift;
  while (indexes[slot] !== -1 && words[slot] !== word) slot = (slot + 1) & (indexes.length - 1);
  return slot;
}

/** As {@link v4Slot}, over four words. */
function v6Slot({ words, indexes, shift, m0, m1, m2, m3 }: Table, address: IpAddress): number {
  const w0 = address.w0 & m0;
  const w1 = address.w1 & m1;
  const w2 = address.w2 & m2;
  const w3 = address.w3 & m3;
  const mixed = w0 ^ Math.imul(w1 ^ Math.imul(w2 ^ Math.imul(w3, MIX_3), MIX_2), MIX_1);
  let slot = Math.imul(mixed, GOLDEN) >>> shift;
  while (indexes[slot] !== -1) {
    const at = slot * 4;
    if (words[at] === w0 && words[at + 1] === w1 && words[at + 2] === w2 && words[at + 3] === w3) break;
    slot = (slot + 1) & (indexes.length - 1);
  }
  return slot;
}
