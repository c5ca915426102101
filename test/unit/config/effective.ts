import t from 'tap';
import { deepFreeze, hashOf } from '#config/effective.ts';
import { parseNetwork } from '#net/ip.ts';

const VALUE = { a: 1, b: [parseNetwork('10.0.0.0/8'), null], c: { d: 'x' } };

const SAME: Readonly<Record<string, unknown>> = {
  'another order of keys': { c: { d: 'x' }, b: [parseNetwork('10.0.0.0/8'), null], a: 1 },
  'an absent key that is written out': { ...VALUE, e: undefined },
  'a network that was made another way': { ...VALUE, b: [{ text: '10.0.0.0/8', prefixLength: 8 }, null] },
};

for (const [what, value] of Object.entries(SAME)) {
  t.test(`hashOf() does not see ${what}`, async (t) => {
    t.equal(hashOf(value), hashOf(VALUE));
  });
}

const OTHER: Readonly<Record<string, unknown>> = {
  'another number': { ...VALUE, a: 2 },
  'another network': { ...VALUE, b: [parseNetwork('10.0.0.0/9'), null] },
  'another order in a list': { ...VALUE, b: [null, parseNetwork('10.0.0.0/8')] },
  'a key more': { ...VALUE, e: 0 },
};

for (const [what, value] of Object.entries(OTHER)) {
  t.test(`hashOf() sees ${what}`, async (t) => {
    t.not(hashOf(value), hashOf(VALUE));
    t.match(hashOf(value), /^[0-9a-f]{64}$/);
  });
}

t.test('deepFreeze() freezes the whole tree, and gives it back', async (t) => {
  const shared = [1];
  const value = { list: [{ a: shared }], again: shared, nothing: null, frozen: Object.freeze({ a: 1 }) };
  t.equal(deepFreeze(value), value);
  t.ok([value, value.list, value.list[0], shared].every(Object.isFrozen));
});
