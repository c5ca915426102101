/** Holds the table of cases in docs/caching.md to the cases that are played: each has its row, and no other has; the sums are theirs. */
import t from 'tap';
import { cellOf } from './fixtures/cache/case-title.ts';
import { CASES } from './fixtures/cache/cases.ts';
import { docsPage, type Row, rowsWith } from './fixtures/tables.ts';

const PROXIES = ['Weir', 'Squid', 'nginx', 'Varnish'];
const page = docsPage('caching.md');
const rows = rowsWith(page, 'RFC 9111');
const sums = rowsWith(page, 'Cases');

t.test('each case has its row, in the order of the cases', async (t) => {
  t.same(
    rows.map((row) => [row['RFC 9111'], row.Case, row.Level]),
    CASES.map(({ section, title, level }) => [section, cellOf(title).replaceAll('\\|', '|'), level]),
  );
});

t.test('Weir passes them all', async (t) => {
  t.same(
    rows.filter(({ Weir }) => Weir !== 'yes'),
    [],
  );
});

t.test('the sums are those of the rows', async (t) => {
  const summed = ['must', 'may'].map((level) => {
    const of = rows.filter(({ Level }) => Level === level);
    return PROXIES.map((name) => `${of.filter((row: Row) => row[name] === 'yes').length} of ${of.length}`);
  });
  t.same(
    sums.map((row) => PROXIES.map((name) => row[name])),
    summed,
  );
});

t.test('the page says which versions were asked', async (t) => {
  t.match(page, /\nSquid \d[\d.]*, nginx \d[\d.]*, Varnish \d[\d.]*\.\n/);
});
