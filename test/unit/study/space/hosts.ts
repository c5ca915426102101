import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { compileDomains, type DomainPattern, parseDomainPattern } from '#match/domains.ts';
import { Tri } from '#match/tri.ts';
import { parseHost } from '#net/host.ts';
import { partitionHosts } from '#study/space/hosts.ts';
import { subject } from '../../../fixtures/subject.ts';

const NAMES = ['test', 'a.test', 'b.test', 'www.test', 'www.a.test', 'x.a.test', '0.a.test', 'example'];
const HOSTS = [...NAMES, ...NAMES.map((name) => `www.${name}`), ...NAMES.map((name) => `q.${name}`), 'other'];

const pattern = fc
  .tuple(fc.constantFrom('', '.', '*.'), fc.constantFrom(...NAMES))
  .map(([prefix, name]) => parseDomainPattern(prefix + name));
const lists = fc.array(fc.array(pattern, { minLength: 1, maxLength: 5 }), { maxLength: 3 });

function signature(patterns: readonly (readonly DomainPattern[])[], host: string): string {
  return patterns
    .map((list) => compileDomains(list).test({ ...subject(), host: parseHost(host) }) === Tri.True)
    .join();
}

t.test('partitionHosts() has every combination of lists that a name can be in, and no other', async () => {
  fc.assert(
    fc.property(lists, (patterns) => {
      const { samples, holds } = partitionHosts(patterns);
      const found = samples.map((sample) => signature(patterns, sample));
      assert.deepEqual(
        [...found].sort(),
        [...new Set(HOSTS.map((host) => signature(patterns, host)))].sort(),
      );
      for (const [index, each] of found.entries()) {
        assert.equal(holds.map((classes) => classes.has(index)).join(), each);
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});

/** A name of so many characters, which are more than 192. */
const longName = (length: number): string => `${'a'.repeat(63)}.`.repeat(3) + 'b'.repeat(length - 192);

/** What is below a name of so many characters, beside the names below it that stand in lists. */
const BELOW: Readonly<Record<string, readonly [length: number, listed: string[], below: string[]]>> = {
  'www, where it just fits': [249, [], ['www']],
  'another label, where www stands in a list': [249, ['www'], ['0']],
  'a shorter label, where www does not fit': [251, [], ['0']],
  'a shorter label that stands in no list': [251, ['0', '1'], ['2']],
  'nothing, where no label fits': [252, [], []],
};

for (const [what, [length, listed, below]] of Object.entries(BELOW)) {
  t.test(`partitionHosts() has below a name ${what}`, async (t) => {
    const name = longName(length);
    const own = listed.map((label) => parseDomainPattern(`${label}.${name}`));
    const { samples } = partitionHosts([[parseDomainPattern(`*.${name}`)], ...own.map((each) => [each])]);
    const expected = [...below, ...listed].map((label) => `${label}.${name}`);
    t.same(samples, [
      'elsewhere.example',
      ...expected.slice(0, below.length),
      ...expected.slice(below.length),
    ]);
    for (const sample of samples) t.equal(parseHost(sample).text, sample);
  });
}
