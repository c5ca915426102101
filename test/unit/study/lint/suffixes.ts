import t from 'tap';
import { parseDomainPattern } from '#match/domains.ts';
import { lintSuffixes } from '#study/lint/suffixes.ts';

type Access = Parameters<typeof lintSuffixes>[0]['access'];

function found(domains: readonly string[], access: Access = [{ name: 'r', allow: ['x'] }]) {
  return lintSuffixes({ acls: { x: { dstDomains: domains.map(parseDomainPattern) } }, access });
}

t.test('lintSuffixes() finds what reaches the names of anybody', async (t) => {
  t.same(
    found(['.example.com', '.com', '*.co.uk', '.github.io', 'github.io', '.internal']).map(
      ({ path }) => path,
    ),
    [1, 2, 3].map((index) => ['acls', 'x', 'dstDomains', index]),
  );
  t.match(found(['.co.uk']), [
    {
      code: 'public-suffix',
      acl: 'x',
      message: /^"\.co\.uk" of ACL "x" reaches .*, and rule "r" lets pass by it$/,
      fix: 'Name the domains that are meant, such as ".example.co.uk"',
    },
  ]);
});

t.test('lintSuffixes() goes by the rules that let pass by it', async (t) => {
  t.match(found(['.com'], [{ name: 'only', deny: ['!x'] }]), [{ message: /rule "only"/ }]);
  const others: Access = [
    { name: 'no', deny: ['x'] },
    { name: 'rest', allow: ['all', '!x'] },
  ];
  t.same(found(['.com'], others), []);
});

t.test('lintSuffixes() tells twenty of a list, and how many more there are', async (t) => {
  const suffixes = 'ac ad ae af ag ai al am ao aq ar as at au aw ax az be bf bg bh bi bj'.split(' ');
  const all = found(suffixes.map((one) => `.${one}`));
  t.same([all.length, all.at(-1)?.more], [20, 3]);
});

t.test('lintSuffixes() has nothing to say of an ACL of something else', async (t) => {
  t.same(lintSuffixes({ acls: { x: { ports: [] } }, access: [{ name: 'r', allow: ['x'] }] }), []);
});
