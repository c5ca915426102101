import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Reach, SuffixTable } from '#match/suffix-table.ts';

const BOTH = Reach.Itself | Reach.Below;

function tableOf(names: Readonly<Record<string, number>>): SuffixTable {
  return new SuffixTable(new Map(Object.entries(names)));
}

const CASES: readonly [title: string, names: Record<string, number>, inside: string[], outside: string[]][] =
  [
    ['an empty table has nothing', {}, [], ['a', 'a.b', '']],
    [
      'a name that reaches itself',
      { 'x.com': Reach.Itself },
      ['x.com'],
      ['a.x.com', 'com', 'ax.com', 'x.co'],
    ],
    [
      'a name that reaches below',
      { 'x.com': Reach.Below },
      ['a.x.com', 'b.a.x.com'],
      ['x.com', 'ax.com', 'com'],
    ],
    ['a name that reaches both', { 'x.com': BOTH }, ['x.com', 'a.x.com'], ['ax.com', 'com', 'x.com.a']],
    ['a single label', { com: BOTH }, ['com', 'x.com'], ['xcom', 'com.x']],
    [
      'a name and one below it',
      { 'x.com': Reach.Itself, 'a.x.com': Reach.Below },
      ['x.com', 'b.a.x.com'],
      ['a.x.com', 'b.x.com'],
    ],
  ];

for (const [title, names, inside, outside] of CASES) {
  t.test(`SuffixTable: ${title}`, async (t) => {
    const table = tableOf(names);
    for (const host of inside) t.ok(table.has(host), host);
    for (const host of outside) t.notOk(table.has(host), host);
  });
}

t.test('SuffixTable answers each question by itself, whatever was asked before', async (t) => {
  const table = tableOf({ 'x.com': BOTH });
  for (const host of ['x.com', 'x.com', 'y.com', 'y.com', 'x.com', 'a.x.com', '', 'x.com'])
    t.equal(table.has(host), host.endsWith('x.com'), host);
  t.ok(tableOf({ '': Reach.Itself }).has(''), 'also the first one');
});

t.test('SuffixTable agrees with comparing every name in turn', async () => {
  const name = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'com'), { minLength: 1, maxLength: 4 })
    .map((labels) => labels.join('.'));
  const reach = fc.constantFrom(Reach.Itself, Reach.Below, BOTH);
  fc.assert(
    fc.property(fc.dictionary(name, reach, { noNullPrototype: true }), fc.array(name), (names, hosts) => {
      const table = tableOf(names);
      for (const host of [...hosts, ...Object.keys(names)]) {
        const expected = Object.entries(names).some(
          ([each, bits]) =>
            ((bits & Reach.Itself) !== 0 && host === each) ||
            ((bits & Reach.Below) !== 0 && host.endsWith(`.${each}`)),
        );
        assert.equal(table.has(host), expected, host);
      }
    }),
    { seed: 20_261_129 },
  );
});

t.test('SuffixTable compares names, not only their hashes', async (t) => {
  const extend = (hash: number, code: number) => Math.imul(hash ^ code, 0x0100_0193);
  const hashOf = (name: string) => {
    let hash = 0;
    for (let i = name.length - 1; i >= 0; i -= 1) hash = extend(hash, name.charCodeAt(i));
    return hash;
  };
  const seen = new Map<number, string>();
  let pair: [string, string] | undefined;
  for (let i = 0; pair === undefined; i += 1) {
    const name = `${i.toString(36)}.com`;
    const hash = hashOf(name);
    const other = seen.get(hash);
    if (other !== undefined) pair = [other, name];
    seen.set(hash, name);
  }
  const [name, other] = pair;
  t.ok(tableOf({ [name]: BOTH }).has(name));
  t.notOk(tableOf({ [name]: BOTH }).has(other), `${other} has the hash of ${name}`);
  t.ok(tableOf({ [name]: BOTH, [other]: BOTH }).has(other));
});

t.test('SuffixTable keeps a hundred thousand names apart', async (t) => {
  const names = Array.from({ length: 100_000 }, (_, index) => `host${index}.example${index % 97}.com`);
  const table = new SuffixTable(new Map(names.map((name) => [name, Reach.Itself])));
  t.ok(names.every((name) => table.has(name)));
  t.notOk(names.some((name) => table.has(`a.${name}`) || table.has(`x${name}`)));
});
