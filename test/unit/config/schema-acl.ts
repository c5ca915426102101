import t from 'tap';
import { parse } from 'yaml';
import { acls } from '#config/schema-acl.ts';

function paths(yaml: string): string[] {
  const { error } = acls.safeParse(parse(yaml));
  return error?.issues.map(({ path }) => path.join('.')) ?? [];
}

t.test('acls takes keys of both kinds, by name', async (t) => {
  const yaml = 'a: { src: [10.0.0.0/8], ports: [443] }\nb: { time: { days: mon } }';
  t.match(acls.parse(parse(yaml)), {
    a: { src: [{ text: '10.0.0.0/8' }], ports: [{ first: 443, last: 443 }] },
    b: { time: { days: 2 } },
  });
});

const BAD: Readonly<Record<string, readonly [yaml: string, path: string]>> = {
  'a key that is not there': ['a: { namespace: [api] }', 'a'],
  'a name in capitals': ['A: { ports: [1] }', 'A'],
};

for (const [what, [yaml, path]] of Object.entries(BAD)) {
  t.test(`acls refuses ${what}`, async (t) => {
    t.same(paths(yaml), [path]);
  });
}
