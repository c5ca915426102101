/** Tables, units and the headline of the README. */
import t from 'tap';
import { withHeadline } from '../../../../bench/report/headline.ts';
import type { Results } from '../../../../bench/report/results.ts';
import { markdownTable, textTable } from '../../../../bench/report/text.ts';
import { told, toldSpread } from '../../../../bench/report/units.ts';

const TABLE = {
  head: ['who', 'cost'],
  rows: [
    ['Weir', '9'],
    ['Traffic Server', '1,000'],
  ],
};

t.test('textTable() aligns its columns', async (t) => {
  t.equal(
    textTable(TABLE),
    ['who              cost', '─────────────────────', 'Weir                9', 'Traffic Server  1,000'].join(
      '\n',
    ),
  );
});

t.test('markdownTable() is a table of Markdown', async (t) => {
  t.equal(
    markdownTable(TABLE),
    ['| who | cost |', '| --- | ---: |', '| Weir | 9 |', '| Traffic Server | 1,000 |'].join('\n'),
  );
});

t.test('numbers have three digits and the unit that suits them', async (t) => {
  t.equal(told('cpu', 184.4e-6), '184 µs');
  t.equal(told('p50', 0.0123456), '12.3 ms');
  t.equal(told('decision', 4.5e-7), '450 ns');
  t.equal(told('rssPerTunnel', 8123), '8.12 kB');
  t.equal(told('throughput', 3456.7), '3457');
  t.equal(told('generatorShare', 0.453), '45.3 %');
  t.equal(toldSpread('cpu', { min: 0.9e-3, median: 1.1e-3, max: 2e-3 }), '0.90 / 1.10 / 2.00 ms');
});

const RESULTS = {
  command: 'npm run bench',
  commit: '0123456789abcdef0123456789abcdef01234567',
  rounds: 1,
  machine: { cores: 2 },
  observations: [
    { workload: 'set-up', subject: 'weir', round: 1, readings: { cpu: 120e-6 } },
    { workload: 'set-up', subject: 'squid', round: 1, readings: { cpu: 200e-6 } },
  ],
} as unknown as Results;

t.test('withHeadline() writes between the marks, again and again, and nowhere else', async (t) => {
  const readme =
    'before\n<!-- bench:begin, written by npm run bench:docs -->\nold\n<!-- bench:end -->\nafter\n';
  const once = withHeadline(readme, RESULTS);
  t.match(once, '| a tunnel set up and closed | 0.60 × | 120 µs | 200 µs |');
  t.ok(once.startsWith('before\n') && once.endsWith('\nafter\n'));
  t.notMatch(once, 'old');
  t.equal(withHeadline(once, RESULTS), once);
  t.throws(() => withHeadline('no marks', RESULTS), /has lost its marks/);
});
