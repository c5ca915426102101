import t from 'tap';
import { METHODS } from '#net/methods.ts';
import { NOT_CONNECT, partitionMethods, partitionWords } from '#study/space/words.ts';

t.test('partitionWords() has a class for each combination of lists, the first word as sample', async (t) => {
  const { samples, holds } = partitionWords(
    ['a', 'b', 'c', 'd'],
    [
      ['b', 'c'],
      ['c', 'unheard'],
    ],
  );
  t.same(samples, ['a', 'b', 'c']);
  t.same(
    holds.map((classes) => [...classes]),
    [[1, 2], [2]],
    'a word that does not exist is in no class',
  );
});

t.test('partitionMethods() keeps TRACE and CONNECT apart from all others', async (t) => {
  t.same(partitionMethods([]).samples, ['CONNECT', 'GET', 'TRACE']);
  t.same(partitionMethods([['POST', 'TRACE']]).samples, ['CONNECT', 'GET', 'POST', 'TRACE']);
});

t.test('NOT_CONNECT is every other method that there is', async (t) => {
  t.same([...NOT_CONNECT].sort(), METHODS.filter((method) => method !== 'CONNECT').sort());
});
