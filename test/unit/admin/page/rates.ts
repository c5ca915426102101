import t from 'tap';
import { Scrape } from '#admin/page/exposition.ts';
import { countsIn, Rates } from '#admin/page/rates.ts';

const counts = (requests: number) => ({ requests, refusals: 0, failures: 1, bytes: 0 });

t.test('Rates are between two looks that are neither too near nor too far', async (t) => {
  const rates = new Rates();
  t.equal(rates.look(counts(0), 0), undefined, 'the first');
  t.equal(rates.look(counts(1), 500), undefined, 'too soon after it');
  t.match(rates.look(counts(40), 4000), { requests: 10, failures: 0 });
  t.match(rates.look(counts(90), 4500), { requests: 20 }, 'against the same');
  t.match(rates.look(counts(20), 9000), { requests: 0 }, 'what went back counts for nothing');
  t.equal(rates.look(counts(90), 90_000), undefined, 'that was long ago');
});

t.test('countsIn() keeps refusals and failures apart', async (t) => {
  const text = ['denied', 'limited', 'failed', 'completed']
    .map((outcome, index) => `weir_requests_total{outcome="${outcome}"} ${10 ** index}`)
    .join('\n');
  t.same(countsIn(new Scrape(`${text}\nweir_bytes_total{direction="to_client"} 5\n`)), {
    requests: 1111,
    refusals: 11,
    failures: 100,
    bytes: 5,
  });
});
