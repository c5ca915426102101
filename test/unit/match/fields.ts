import fc from 'fast-check';
import t from 'tap';
import { compileFields, type FieldWishes, parseFieldWishes } from '#match/fields.ts';
import { parsePattern } from '#match/patterns.ts';
import { Tri } from '#match/tri.ts';
import { endToEnd, FieldNames, hasField } from '#net/headers.ts';
import { subject } from '../../fixtures/subject.ts';

const like = (...texts: readonly string[]) => ({ patterns: texts.map(parsePattern) });

t.test('parseFieldWishes() brings names to lower case', async (t) => {
  const wishes = parseFieldWishes({ 'User-Agent': like('^curl/'), Cookie: { present: true } });
  t.same(wishes, { 'user-agent': like('^curl/'), cookie: { present: true } });
  t.ok(Object.isFrozen(wishes));
});

t.test('parseFieldWishes() lets credentials for this hop be asked for', async (t) => {
  const wishes = { 'proxy-authorization': { present: true } } as const;
  t.same(parseFieldWishes(wishes), wishes);
});

const FAULTS: readonly [wishes: FieldWishes, message: string][] = [
  [{}, 'No field is named, remove the key'],
  [{ 'a b': like('x') }, '"a b" is no field name, write one such as "user-agent"'],
  [{ '': like('x') }, '"" is no field name, write one such as "user-agent"'],
  [{ 'X-A': like('x'), 'x-a': like('y') }, 'Field "x-a" is named twice, write all its patterns once'],
  [{ 'Weir-Identity': like('x') }, 'Field "Weir-Identity" is what hops tell each other, remove it'],
  [
    { 'weir-transaction': { present: true } },
    'Field "weir-transaction" is what hops tell each other, remove it',
  ],
  [{ Host: like('x') }, 'Field "Host" gives way to the host of the request target, write dstDomains'],
  [
    { connection: { present: true } },
    'Field "connection" is about one connection and goes no further, remove it',
  ],
  [{ Upgrade: like('x') }, 'Field "Upgrade" is about one connection and goes no further, remove it'],
  [
    { 'Proxy-Authorization': like('x') },
    'Field "Proxy-Authorization" holds a secret, write { present: true }',
  ],
  [{ Authorization: like('x') }, 'Field "Authorization" holds a secret, write { present: true }'],
  [{ cookie: like('x') }, 'Field "cookie" holds a secret, write { present: true }'],
  [
    Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`x-${index}`, like('x')])),
    '33 fields are named, write at most 32',
  ],
];

for (const [wishes, message] of FAULTS) {
  t.test(`parseFieldWishes() complains: ${message}`, async (t) => {
    t.throws(() => parseFieldWishes(wishes), { message });
  });
}

const LONG = 'a'.repeat(4097);
const linesOf = (count: number): string[] => Array.from({ length: count }, () => ['X-A', '']).flat();

const CASES: readonly [title: string, wishes: FieldWishes, headers: string[] | undefined, expected: Tri][] = [
  ['a value with the pattern', { 'user-agent': like('^curl/') }, ['User-Agent', 'curl/8.1'], Tri.True],
  ['a value without', { 'user-agent': like('^curl/') }, ['User-Agent', 'Wget'], Tri.False],
  ['any of the patterns', { 'x-a': like('^1$', '^2$') }, ['X-A', '2'], Tri.True],
  ['all lines of the field', { 'x-a': like('^1$', '^2$') }, ['X-A', '1', 'x-a', '2'], Tri.True],
  ['lines of which the first matches', { 'x-a': like('^1$') }, ['X-A', '1', 'x-a', '2'], Tri.Unknown],
  ['lines of which the last matches', { 'x-a': like('^2$') }, ['X-A', '1', 'x-a', '2'], Tri.Unknown],
  ['lines of which none matches', { 'x-a': like('^3$') }, ['X-A', '1', 'x-a', '2'], Tri.False],
  ['regard to case in values', { 'x-a': like('^B$') }, ['X-A', 'b'], Tri.False],
  ['a field that is not there', { 'x-a': like('.*') }, ['X-B', 'b'], Tri.False],
  ['a field that is there', { 'x-a': { present: true } }, ['X-A', ''], Tri.True],
  ['a field that should be there', { 'x-a': { present: true } }, ['X-B', ''], Tri.False],
  ['fields that are not known', { 'x-a': { present: true } }, undefined, Tri.Unknown],
  ['a value that is too long', { 'x-a': like('a') }, ['X-A', LONG], Tri.Unknown],
  [
    'a value that is too long beside one that matches',
    { 'x-a': like('a') },
    ['X-A', LONG, 'X-A', 'a'],
    Tri.Unknown,
  ],
  [
    'a value that is too long beside one without',
    { 'x-a': like('b') },
    ['X-A', 'a', 'X-A', LONG],
    Tri.Unknown,
  ],
  [
    'lines that are too long together',
    { 'x-a': like('a') },
    ['X-A', LONG.slice(0, 2048), 'X-A', LONG.slice(0, 2049)],
    Tri.Unknown,
  ],
  [
    'lines that are just short enough together',
    { 'x-a': like('a') },
    ['X-A', LONG.slice(0, 2048), 'X-A', LONG.slice(0, 2048)],
    Tri.True,
  ],
  ['as many lines as are judged', { 'x-a': like('^$') }, linesOf(32), Tri.True],
  ['too many lines', { 'x-a': like('^$') }, linesOf(33), Tri.Unknown],
  ['many lines that only have to be there', { 'x-a': { present: true } }, linesOf(33), Tri.True],
  ['a long value that only has to be there', { 'x-a': { present: true } }, ['X-A', LONG], Tri.True],
  ['all names', { 'x-a': like('1'), 'x-b': like('2') }, ['X-A', '1', 'X-B', '2'], Tri.True],
  ['one name of two', { 'x-a': like('1'), 'x-b': like('2') }, ['X-A', '1', 'X-B', '1'], Tri.False],
  ['an unknown and a true', { 'x-a': like('a'), 'x-b': like('2') }, ['X-A', LONG, 'X-B', '2'], Tri.Unknown],
  [
    'a field that Connection removes',
    { 'x-a': like('1') },
    ['X-A', '1', 'Connection', 'close, X-a'],
    Tri.Unknown,
  ],
  [
    'a field that Connection removes, and no pattern',
    { 'x-a': like('2') },
    ['CONNECTION', '\tx-a\xa0', 'X-A', '1'],
    Tri.Unknown,
  ],
  [
    'a field that Connection removes, and has to be there',
    { 'x-a': { present: true } },
    ['Connection', 'close', 'X-A', '', 'Connection', 'x-a,'],
    Tri.Unknown,
  ],
  [
    'a field that Connection does not name',
    { 'x.a': like('1') },
    ['X.A', '1', 'Connection', 'close, x-a, xx.a, x.aa, x.a b'],
    Tri.True,
  ],
  ['what Connection names and is not there', { 'x-a': like('1') }, ['Connection', 'x-a'], Tri.False],
  ['an unknown and a false', { 'x-a': like('a'), 'x-b': like('2') }, ['X-A', LONG, 'X-B', '1'], Tri.False],
];

for (const [title, wishes, headers, expected] of CASES) {
  t.test(`compileFields() judges ${title}`, async (t) => {
    t.equal(compileFields(wishes).test(subject(headers && { headers })), expected);
  });
}

t.test('compileFields() is sure of no field that goes no further', async (t) => {
  const name = fc.constantFrom('x-a', 'X-a', 'x-b', 'x-aa');
  const token = fc
    .tuple(fc.constantFrom('', ' ', '\t', '\xa0'), name, fc.constantFrom('', ' ', ';'))
    .map((parts) => parts.join(''));
  const connection = fc.array(token, { maxLength: 4 }).map((tokens) => ['Connection', tokens.join(',')]);
  const field = fc.oneof(
    name.map((text) => [text, '1']),
    connection,
  );
  const judge = compileFields({ 'x-a': like('1') });
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
      const headers = fields.flat();
      const goesOn = hasField(endToEnd(headers, new FieldNames([])), 'x-a');
      const expected = goesOn ? Tri.True : hasField(headers, 'x-a') ? Tri.Unknown : Tri.False;
      t.equal(judge.test(subject({ headers })), expected, JSON.stringify(headers));
    }),
    { seed: 4 },
  );
});

t.test('compileFields() makes a matcher', async (t) => {
  const fields = compileFields({ 'x-a': { present: true } });
  t.equal(fields.key, 'headers');
  t.ok(Object.isFrozen(fields));
});
