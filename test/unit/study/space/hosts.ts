import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { compileDomains, type DomainPattern, parseDomainPattern } from '#match/domains.ts';
import { Tri } from '#match/tri.ts';
import { parseHost } from '#net/host.ts';
import { partitionHosts } from '#study/space/hosts.ts';
import { subject } from '../../../fixtures/subject.ts';

const NAMES = ['test', 'a.test', 'b.test', 'www.test', 'www.a.test', 'x.a.test', 'x1.a.test', 'example'];
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

t.test('partitionHosts() does not make names that are too long', async (t) => {
  const long = `${'a'.repeat(63)}.`.repeat(3) + 'b'.repeat(60);
  const { samples } = partitionHosts([[parseDomainPattern(`.${long}`)]]);
  t.same(samples, ['elsewhere.example', long]);
});
