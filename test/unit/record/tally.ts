import { Registry } from 'prom-client';
import t from 'tap';
import { Tally, tally } from '#record/tally.ts';

t.test('at() leads to one cell for the same labels', async (t) => {
  const root = new Tally();
  root.at('a').at('b').value += 1;
  root.at('a').at('b').value += 2;
  root.at('a').at('c').value += 4;
  t.equal(root.at('a').at('b').value, 3);
  t.equal(root.at('a').at('c').value, 4);
});

t.test('walk() visits the cells that have all labels', async (t) => {
  const root = new Tally();
  root.at('a').at('x').value = 1;
  root.at('b').at('y').value = 2;
  const seen: [readonly string[], number][] = [];
  root.walk(2, (labels, value) => seen.push([labels, value]));
  t.same(seen, [
    [['a', 'x'], 1],
    [['b', 'y'], 2],
  ]);
});

t.test('tally() registers a counter that says at each scrape what was added', async (t) => {
  const registry = new Registry();
  const root = tally(registry, { name: 'test_total', help: 'Tests', labelNames: ['a', 'b'] });
  root.at('x').at('quo"te').value += 1.5;
  root.at('x').at('zero');
  const expected = [
    '# HELP test_total Tests',
    '# TYPE test_total counter',
    'test_total{a="x",b="quo\\"te"} 1.5',
    'test_total{a="x",b="zero"} 0',
    '',
  ].join('\n');
  t.equal(await registry.metrics(), expected);
  t.equal(await registry.metrics(), expected, 'and does not add it up again');
});
