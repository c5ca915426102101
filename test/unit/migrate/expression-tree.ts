import t from 'tap';
import { beginsOtherwise, cutAt, treeOf, writtenFor } from '#migrate/expression-tree.ts';

const LETTERS = { alphabet: 'abc', isStart: true, isEnd: true };

const WRITTEN: Readonly<Record<string, string | undefined>> = {
  'a(b|c)*': 'a(b|c)*',
  'a(b|x)': 'a(b)',
  'ax*b': 'ab',
  'ax+': undefined,
  'a|x': 'a',
  'x|y': undefined,
  '[a-z]{2}': '[a-z]{2}',
  'a{2,}b{1,3}c?': 'a{2,}b{1,3}c?',
  'a{1,}': 'a+',
  'a{0}': 'a{0}',
  '[B-Za-b]': '[ab]',
  '\\.': undefined,
  '\\W': undefined,
  '\\ba\\w': '\\ba\\w',
  '^a$': '^a$',
  '(a|)b': '(a|)b',
};

for (const [text, written] of Object.entries(WRITTEN)) {
  t.test(`writtenFor(): ${text}`, async (t) => t.equal(writtenFor(treeOf(text, false), LETTERS), written));
}

t.test('writtenFor() knows where a text ends, and whether case counts', async (t) => {
  t.equal(writtenFor(treeOf('a$', false), { ...LETTERS, isEnd: false }), undefined);
  t.equal(writtenFor(treeOf('^a', false), { ...LETTERS, isStart: false }), undefined);
  t.equal(writtenFor(treeOf('A[B-C]', true), LETTERS), 'A[B-C]');
  t.equal(writtenFor(treeOf('A', false), LETTERS), undefined);
});

/** What stands before and behind each colon. */
function cuts(text: string): string[] | undefined {
  return cutAt(treeOf(text, false), ':')?.map((cut) =>
    cut.map((part) => writtenFor(part, LETTERS) ?? '-').join(' : '),
  );
}

const CUT: Readonly<Record<string, readonly string[]>> = {
  abc: [],
  'a:b': ['a : b'],
  '^a(:b|c:)$': ['^a : b$', '^ac : $'],
  '.*': ['.* : .*'],
  '.+': ['.* : .*'],
  'a.?': ['a : '],
  '.{2}': [' : .{1}', '.{1} : '],
  '.{2,}': [' : .+', '.+ : .*'],
};

for (const [text, parts] of Object.entries(CUT)) {
  t.test(`cutAt(): ${text}`, async (t) => t.same(cuts(text), parts));
}

t.test('cutAt() does not cut what is counted too often', async (t) => {
  t.equal(cuts('a.{11}'), undefined);
  t.same(cuts('a{90}:'), ['a{90} : ']);
});

t.test('beginsOtherwise() is sure only of what is tied to the start', async (t) => {
  for (const text of ['^a', '^[0-9]+', '^\\.']) t.ok(beginsOtherwise(treeOf(text, false), '['), text);
  for (const text of ['a', '^.', '^a*', '^(a|b)', '^', '^a|b'])
    t.notOk(beginsOtherwise(treeOf(text, false), '['), text);
});
