/** Tables, units and the headline of the README. */
import t from 'tap';
import { withHeadline } from '../../../../bench/report/headline.ts';
import { markdownTable, textTable } from '../../../../bench/report/text.ts';
import { told, toldSpread } from '../../../../bench/report/units.ts';
import { benchRun } from '../../../fixtures/bench-run.ts';

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

const RESULTS = benchRun(
  [
    { workload: 'set-up', subject: 'weir', round: 1, readings: { cpu: 120e-6 } },
    { workload: 'set-up', subject: 'squid', round: 1, readings: { cpu: 200e-6 } },
  ],
  { rounds: 1, workloads: ['set-up'], subjects: ['weir', 'squid'] },
);
const README =
  'before\n<!-- bench:begin, written by npm run bench:docs -->\nold\n<!-- bench:end -->\nafter\n';

t.test('withHeadline() writes between the marks, again and again, and nowhere else', async (t) => {
  const once = withHeadline(README, RESULTS);
  t.match(once, '| a tunnel set up and closed | 0.60 × | ≤ 0.8 × ✓ | 120 µs | 200 µs |');
  t.match(once, '1 of 1 promises are reached: [docs/performance.md](docs/performance.md)');
  t.ok(once.startsWith('before\n') && once.endsWith('\nafter\n'));
  t.notMatch(once, 'old');
  t.equal(withHeadline(once, RESULTS), once);
  t.throws(() => withHeadline('no marks', RESULTS), /has lost its marks/);
});

t.test('the headline hides no missed promise, no uncommitted change and no busy machine', async (t) => {
  const { observations, commit, machine } = RESULTS;
  const quiet = withHeadline(README, RESULTS);
  t.match(quiet, / at 0123456789ab, 2 cores\.\n/);
  t.notMatch(quiet, /machine was busy/);
  const dirty = withHeadline(README, {
    ...RESULTS,
    commit: `${commit}+`,
    machine: { ...machine, loadBefore: 0.84 },
    observations: observations.map((each) => ({ ...each, readings: { cpu: 161e-6 } })),
  });
  t.match(dirty, '| a tunnel set up and closed | 1.00 × | ≤ 0.8 × ✗ | 161 µs | 161 µs |');
  t.match(dirty, '0 of 1 promises are reached');
  t.match(
    dirty,
    / at 0123456789ab\+ .*\*\*The machine was busy: these numbers are not worth quoting\.\*\*\n/,
  );
  t.match(
    withHeadline(README, RESULTS, ['much was not measured']),
    '**A part of a run: much was not measured.**',
  );
  const half = withHeadline(README, { ...RESULTS, observations: observations.slice(1) });
  t.match(half, '| a tunnel set up and closed | not measured | ≤ 0.8 × ✗ | | |');
});
