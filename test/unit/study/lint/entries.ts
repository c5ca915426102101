import t from 'tap';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePortRange } from '#match/ports.ts';
import { lintEntries } from '#study/lint/entries.ts';
import { cpuMsOfWork } from '../../../fixtures/cpu-time.ts';
import { networks } from '../../../fixtures/subject.ts';

function domains(...texts: readonly string[]): string[] {
  return told({ dstDomains: texts.map(parseDomainPattern) });
}

function told(options: Parameters<typeof lintEntries>[0][string]): string[] {
  return lintEntries({ x: options }).map(({ path, message }) => {
    const [, entry, by] = /^"(.*)" of ACL .*, "(.*)" has/.exec(message) ?? [];
    return `${path.slice(2).join(' ')}: ${entry} in ${by}`;
  });
}

const DOMAINS: Readonly<Record<string, readonly [entries: string[], told: string[]]>> = {
  'an equal entry, the later one': [['a.com', 'A.com.'], ['dstDomains 1: a.com in a.com']],
  'a name that the suffix has': [['a.com', '.a.com'], ['dstDomains 0: a.com in .a.com']],
  'what is below, where the suffix has it': [['*.a.com', '.a.com'], ['dstDomains 0: *.a.com in .a.com']],
  'a name below': [['*.a.com', 'x.y.a.com'], ['dstDomains 1: x.y.a.com in *.a.com']],
  'a suffix below': [['.com', '.a.com'], ['dstDomains 1: .a.com in .com']],
  'nothing in a name beside what is below it': [['a.com', '*.a.com', 'b.com', 'aa.com'], []],
};

for (const [what, [entries, expected]] of Object.entries(DOMAINS)) {
  t.test(`lintEntries() finds among domains ${what}`, async (t) => {
    t.same(domains(...entries), expected);
  });
}

t.test('lintEntries() finds networks within networks, of either family', async (t) => {
  const list = networks('10.1.0.0/16', '10.0.0.0/8', '::/0', '2001:db8::/32', '11.0.0.0/8', '10.0.0.0/8');
  const found = ['0: 10.1.0.0/16 in 10.0.0.0/8', '3: 2001:db8::/32 in ::/0', '5: 10.0.0.0/8 in 10.0.0.0/8'];
  t.same(
    told({ src: list }),
    found.map((each) => `src ${each}`),
  );
  t.same(
    told({ dst: list }),
    found.map((each) => `dst ${each}`),
  );
});

t.test('lintEntries() finds ports within ranges, and not what only overlaps', async (t) => {
  t.same(told({ ports: [443, '1-1024', '1000-2000', '1500-1600'].map(parsePortRange) }), [
    'ports 0: 443 in 1-1024',
    'ports 3: 1500-1600 in 1000-2000',
  ]);
});

t.test('lintEntries() tells the first of many, and how many more there are', async (t) => {
  const list = ['.com', ...Array.from({ length: 100_000 }, (_, index) => `a${index}.com`)];
  let remarks: ReturnType<typeof lintEntries> = [];
  const usedMs = cpuMsOfWork(() => {
    remarks = lintEntries({ x: { dstDomains: list.map(parseDomainPattern) } });
  });
  t.equal(remarks.length, 20);
  t.same(
    remarks.map(({ more }) => more),
    [...Array(19).fill(undefined), 99_980],
  );
  t.ok(usedMs < 5000, 'in time that grows with the list alone');
});
