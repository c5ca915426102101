import t from 'tap';
import { type Changed, Changes } from '#cache/changes.ts';

function stage() {
  const said: Changed[] = [];
  const taken: (() => void)[] = [];
  const changes = new Changes((changed) => {
    said.push(changed);
    return new Promise((resolve) => taken.push(resolve));
  });
  return { changes, said, taken };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

t.test('what has changed is said at once, and in its order', async (t) => {
  const { changes, said } = stage();
  changes.tell(['a']);
  changes.tell(['b', 'c']);
  t.same(said, [['a'], ['b', 'c']]);
});

t.test('who takes nothing is told, when it does, that it may be anything', async (t) => {
  const { changes, said, taken } = stage();
  for (let i = 0; i < 70; i += 1) changes.tell([String(i)]);
  t.equal(said.length, 64, 'no more wait for it');
  taken[0]?.();
  await settled();
  t.equal(said.length, 65);
  t.equal(said.at(-1), 'anything');
  taken[1]?.();
  await settled();
  t.equal(said.length, 65, 'once is enough');
  changes.tell(['more']);
  t.same(said.at(-1), ['more']);
});
