/** `node bench/micro/match/domains.ts`: one name looked up in a long list of domains. First proves that half of them are there. */
import assert from 'node:assert/strict';
import { compileDomains } from '#match/domains.ts';
import { Tri } from '#match/tri.ts';
import { domainPatterns } from '../lists.ts';
import { measure } from '../measure.ts';
import { subjectsFor } from '../subjects.ts';

const cases = [100, 10_000, 100_000].map((count) => {
  const [listed, subjectAt] = [compileDomains(domainPatterns(count)), subjectsFor(count)];
  for (let index = 0; index < 64; index += 1) {
    assert.equal(listed.test(subjectAt(index)), index % 2 === 0 ? Tri.True : Tri.False);
  }
  return {
    name: `dstDomains of ${count}`,
    call: (index: number) => listed.test(subjectAt(index)) === Tri.True,
  };
});
measure('domains', cases);
