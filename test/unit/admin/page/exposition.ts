import t from 'tap';
import { Scrape } from '#admin/page/exposition.ts';

const scrape = new Scrape(
  [
    '# HELP a something',
    'a_total{rule="x",verdict="deny"} 3',
    'a_total{rule="y",verdict="deny"} 4.5',
    'a_total{rule="q\\"\\\\\\n",verdict="allow"} 1',
    'b 7',
    'c_bucket{le="1"} 9',
    '',
  ].join('\n'),
);

t.test('Scrape finds samples by their labels, and adds them up', async (t) => {
  t.equal(scrape.sum('a_total'), 8.5);
  t.equal(scrape.sum('a_total', { verdict: 'deny' }), 7.5);
  t.equal(scrape.sum('b'), 7);
  t.equal(scrape.sum('none'), 0);
  t.same(scrape.samples('a_total', { verdict: 'allow' }), [
    { name: 'a_total', labels: { rule: 'q"\\\n', verdict: 'allow' }, value: 1 },
  ]);
  t.same(scrape.samples('c_bucket'), []);
});
