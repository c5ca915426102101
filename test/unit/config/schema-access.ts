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
  t.same(paths('[{ allow: [], deny: all, upgrade: ["a b"], limits: x }]'), [
    '0.name',
    '0.allow',
    '0.deny',
    '0.upgrade.0',
    '0',
  ]);
});

t.test('access gives every option its type', async (t) => {
  const yaml = `
- name: pilot
  allow: [all]
  mode: report
  until: 2026-12-31T18:00+08:00
  owner: platform-team
  ticket: NET-1
  allowPrivate: [10.20.0.0/16]
  onRevoke: drain 10m
  limit: per_namespace
  cache: true
  sni: off
- { name: no, deny: [all], message: Ask us, narrows: true, mode: enforce, until: 2027-01-01Z }
`;
  t.match(access.parse(parse(yaml)), [
    {
      mode: 'report',
      until: Date.UTC(2026, 11, 31, 10),
      owner: 'platform-team',
      ticket: 'NET-1',
      allowPrivate: [{ text: '10.20.0.0/16' }],
      onRevoke: { act: 'drain', ms: 600_000 },
      limit: 'per_namespace',
      cache: true,
      sni: 'off',
    },
    { message: 'Ask us', narrows: true, mode: 'enforce', until: Date.UTC(2027, 0, 1) },
  ]);
});

const BAD: Readonly<Record<string, string>> = {
  mode: 'observe',
  until: '2026-12-31',
  owner: '""',
  ticket: `"${'x'.repeat(201)}"`,
  message: '"a\\nb"',
  allowPrivate: '[]',
  narrows: 'false',
  onRevoke: 'drain',
  limit: '7',
  cache: 'false',
  sni: 'peek',
};

for (const [key, value] of Object.entries(BAD)) {
  t.test(`access refuses ${key}: ${value.slice(0, 20)}`, async (t) => {
    t.same(paths(`[{ name: x, ${key}: ${value} }]`), [`0.${key}`]);
  });
}

t.test('access bounds a message', async (t) => {
  t.same(paths(`[{ name: x, message: ${'x'.repeat(500)} }]`), []);
  t.same(paths(`[{ name: x, message: ${'x'.repeat(501)} }]`), ['0.message']);
});
