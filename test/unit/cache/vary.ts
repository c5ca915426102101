import t from 'tap';
import { selectionOf, varyingBy } from '#cache/vary.ts';

t.test('varyingBy() tells each name once, in lower case', async (t) => {
  t.same(varyingBy(['Vary', 'B, a, b', 'vary', 'A']), ['a', 'b']);
  t.same(varyingBy([]), []);
  t.equal(varyingBy(['Vary', 'a, *']), undefined);
  t.equal(varyingBy(['Vary', 'Forwarded']), undefined, 'who asks is told by this hop');
});

const ALIKE: readonly [name: string, a: readonly string[], b: readonly string[]][] = [
  ['x', ['X', 'a, b'], ['x', 'a', 'X', 'b']],
  ['x', ['X', 'a,b'], ['X', ' a ,  b']],
  ['x', [], ['y', 'a']],
  ['accept-encoding', ['Accept-Encoding', 'GZIP'], ['Accept-Encoding', 'gzip']],
];

const UNLIKE: readonly [name: string, a: readonly string[], b: readonly string[]][] = [
  ['x', ['X', 'a'], ['X', 'b']],
  ['x', ['X', 'a'], []],
  ['x', ['X', ''], []],
  ['x', ['X', 'a, b'], ['X', 'b, a']],
  ['x', ['X', 'A'], ['X', 'a']],
];

t.test('selectionOf() is the same for requests that say the same', async (t) => {
  for (const [name, a, b] of ALIKE) t.equal(selectionOf([name], a), selectionOf([name], b), `${a} and ${b}`);
  for (const [name, a, b] of UNLIKE) t.not(selectionOf([name], a), selectionOf([name], b), `${a} and ${b}`);
});

t.test('selectionOf() keeps fields apart', async (t) => {
  t.not(selectionOf(['a', 'b'], ['a', 'x']), selectionOf(['a', 'b'], ['b', 'x']));
});
