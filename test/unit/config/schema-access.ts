import t from 'tap';
import { parse } from 'yaml';
import { access } from '#config/schema-access.ts';

function paths(yaml: string): string[] {
  const { error } = access.safeParse(parse(yaml));
  return error?.issues.map(({ path }) => path.join('.')) ?? [];
}

t.test('access takes rules, and leaves which keys go together to the cross-check', async (t) => {
  t.same(access.parse([{ name: 'x', allow: ['a', '!b'], upgrade: ['websocket'] }, { name: 'y' }]), [
    { name: 'x', allow: ['a', '!b'], upgrade: ['websocket'] },
    { name: 'y' },
  ]);
  t.same(paths('[]'), ['']);
  t.same(paths('[{ allow: [], deny: all, upgrade: ["a b"], limit: x }]'), [
    '0.name',
    '0.allow',
    '0.deny',
    '0.upgrade.0',
    '0',
  ]);
});
