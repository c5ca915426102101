/** What stands on the page beside the numbers: whose they are, what they lack, and what the columns are called. */
import t from 'tap';
import type { Observation, Readings } from '../../../../bench/harness/reading.ts';
import { judge } from '../../../../bench/report/judge.ts';
import { renderDocs } from '../../../../bench/report/page.ts';
import { plotsOf } from '../../../../bench/report/plots/all.ts';
import { gapsOf } from '../../../../bench/report/provenance.ts';
import type { Results } from '../../../../bench/report/results.ts';
import { contractTable, generatorWarnings, workloadTable } from '../../../../bench/report/tables.ts';
import { renderTerminal } from '../../../../bench/report/terminal.ts';
import { digitsBeside } from '../../../../bench/report/units.ts';
import { benchRun, WORKLOADS } from '../../../fixtures/bench-run.ts';

/** Three equal rounds. */
function rounds(
  [workload, subject, level]: readonly [workload: string, subject: string, level?: number | undefined],
  readings: Readings,
): Observation[] {
  return [1, 2, 3].map((round) => ({
    ...{ workload, subject, round, readings },
    ...(level === undefined ? {} : { level }),
  }));
}

const page = (run: Results): string =>
  renderDocs(run, plotsOf(run), { folder: 'performance', gaps: gapsOf(run, WORKLOADS) });

const cost = (weir: number): Observation[] => [
  ...rounds(['set-up', 'weir'], { cpu: weir }),
  ...rounds(['set-up', 'squid'], { cpu: 1 }),
];

t.test('gapsOf() finds what a whole run has and this one has not', async (t) => {
  t.same(gapsOf(benchRun([]), WORKLOADS), ['it measured nothing']);
  const part = benchRun(cost(0.5), { workloads: ['set-up'] });
  t.match(gapsOf(part, WORKLOADS), [
    /^22 of 23 promises were not measured$/,
    /^there is nothing of download-1, /,
  ]);
  t.match(gapsOf({ ...part, isQuick: true }, ['set-up']), [/quick/, /22 of 23/]);
  const all = benchRun(whole());
  t.same(gapsOf(all, WORKLOADS), []);
  t.match(gapsOf(all, [...WORKLOADS, 'juggling']), [/nothing of juggling/]);
});

/** Every reading that anything is promised of. */
function whole(): Observation[] {
  const readings: Readings = { cpu: 1, p50: 1, p99: 1, rssPerTunnel: 1, decision: 1e-6 };
  const subjects = ['weir', 'squid', 'weir-cache', 'squid-cache', 'weir-two-tier', 'squid-two-tier'];
  return WORKLOADS.flatMap((workload) =>
    subjects.flatMap((subject) =>
      [undefined, 100, 8000, 100_000].flatMap((level) => rounds([workload, subject, level], readings)),
    ),
  );
}

t.test('the page takes what its run leaves out from other runs, and says so', async (t) => {
  const run = benchRun(cost(0.5), { workloads: ['set-up'] });
  const other = benchRun([...cost(0.25), ...rounds(['download-1', 'weir'], { cpu: 2 })], {
    workloads: ['set-up', 'download-1'],
    startedAt: '2026-01-02T03:04:05Z',
  });
  t.same(gapsOf(run, ['set-up', 'download-1']).slice(1), ['there is nothing of download-1']);
  t.same(gapsOf(run, ['set-up', 'download-1'], [other]).slice(1), []);
  t.match(gapsOf(run, ['set-up'], [{ ...other, isQuick: true }]), [/quick/]);
  const joined = renderDocs(run, plotsOf(run), { folder: 'performance', gaps: [], others: [other] });
  const [mine = '', theirs = ''] = joined.split('## Measured in another run, 2026-01-02T03:04:05Z');
  t.ok(mine.includes('### set-up\n') && !theirs.includes('### set-up\n'), 'its own come first');
  t.ok(theirs.includes('### download-1\n') && !mine.includes('### download-1\n'));
  const headings = joined.match(/^#+ .*$/gm) ?? [];
  t.equal(new Set(headings).size, headings.length, 'each heading is there once');
});

t.test('the page says of a part that it is one', async (t) => {
  t.match(page(benchRun(cost(0.5))), /\*\*A part of a run: 22 of 23 promises were not measured; /);
  t.match(page(benchRun(cost(0.5), { isQuick: true })), /\*\*A quick run, /);
  t.notMatch(page(benchRun(whole())), /A part of a run/);
});

t.test('versions are of those that took part', async (t) => {
  const text = page(benchRun(cost(0.5)));
  t.match(text, /- Node 26\.0\.0, Squid 5\.7\n/);
  t.notMatch(text, /tinyproxy/);
});

t.test('a commit with changes and a busy machine are told', async (t) => {
  const run = benchRun(cost(0.5));
  t.match(
    page({ ...run, commit: 'abc+' }),
    /- commit `abc\+`, where `\+` says that files differed from it\n/,
  );
  t.notMatch(page(run), /machine was busy/);
  t.match(
    page({ ...run, machine: { ...run.machine, loadBefore: 0.84 } }),
    /84 % of the machine\. \*\*The machine was busy/,
  );
});

t.test('a value above its limit never looks as if it were within', async (t) => {
  t.equal(digitsBeside(0.804, [0.8]), '0.804');
  t.equal(digitsBeside(0.80004, [0.8]), '0.80004');
  t.equal(digitsBeside(0.8, [0.8]), '0.80');
  t.equal(digitsBeside(0.796, [0.8]), '0.80');
  t.equal(digitsBeside(0.81, [0.8]), '0.81');
  t.equal(digitsBeside(12.04, [12]), '12.04');
  const [row] = contractTable(judge(benchRun(cost(0.804), { workloads: ['set-up'] }))).rows;
  t.match(row, ['CPU per tunnel set up ÷ Squid', '≤ 0.8 ×', '≤ 0.6 ×', '0.804 ×', /./, '✗ must not reached']);
});

t.test('a terminal shows the rows that were chosen, and no table where there are none', async (t) => {
  const text = renderTerminal(
    benchRun(cost(0.5), {
      workloads: ['set-up'],
      subjects: ['weir', 'squid'],
      missing: { tinyproxy: 'no tinyproxy' },
    }),
  );
  t.match(text, /^CPU per tunnel set up ÷ Squid +≤ 0\.8 × /m);
  t.notMatch(text, /not measured|CPU per GB/);
  t.match(text, /^Left out: no tinyproxy$/m);
  t.notMatch(renderTerminal(benchRun([], { workloads: ['mixed'] })), /What is promised/);
});

t.test('levels have a name, and every percentile that is drawn has a column', async (t) => {
  const readings = { cpu: 1, p50: 1, p90: 2, p99: 3 };
  const run = benchRun(rounds(['open-tunnels', 'weir', 10], readings));
  const told = { name: 'open-tunnels', title: '', story: '', unit: 'tunnel', levelName: 'open tunnels' };
  t.same(workloadTable(run, told).head, ['', 'open tunnels', 'CPU per tunnel', 'p50', 'p90', 'p99']);
});

t.test('what is behind TLS is a multiple of Squid behind TLS', async (t) => {
  const run = benchRun([
    ...rounds(['tls-set-up', 'weir-tls-cold-two-tier'], { cpu: 3 }),
    ...rounds(['tls-set-up', 'weir-two-tier'], { cpu: 3 }),
    ...rounds(['tls-set-up', 'squid-two-tier'], { cpu: 1 }),
    ...rounds(['tls-set-up', 'squid-tls-two-tier'], { cpu: 2 }),
  ]);
  const told = { name: 'tls-set-up', title: '', story: '', unit: 'tunnel' };
  const ratios = workloadTable(run, told).rows.map(([title, , ratio]) => [title, ratio]);
  t.same(ratios, [
    ['Weir, two tiers', '3.00'],
    ['Weir, two tiers, TLS, no standby', '1.50'],
    ['Squid, two tiers', '1.00'],
    ['Squid, two tiers, TLS', '1.00'],
  ]);
  t.match(page(run), /mutual TLS 1\.3 between them/);
});

t.test('a long way is told in time and in round trips, and drawn for those that took it whole', async (t) => {
  const far = { opened: 0.021, openedTrips: 1.05, echoed: 0.042, echoedTrips: 2.1 };
  const run = benchRun([
    ...rounds(['distance', 'weir-two-tier'], far),
    ...rounds(['distance', 'squid-two-tier'], far).slice(1),
  ]);
  const told = { name: 'distance', title: '', story: '', unit: 'tunnel' };
  t.same(workloadTable(run, told), {
    head: ['', 'to the 200', 'round trips', 'to the echo', 'round trips'],
    rows: ['Weir, two tiers', 'Squid, two tiers'].map((title) => [
      title,
      '21.0 / 21.0 / 21.0 ms',
      '1.05 / 1.05 / 1.05',
      '42.0 / 42.0 / 42.0 ms',
      '2.10 / 2.10 / 2.10',
    ]),
  });
  const svg = plotsOf(run).find(({ name }) => name === 'distance')?.svg ?? '';
  t.match(svg, '>Weir, two tiers</text>');
  t.notMatch(svg, '>Squid, two tiers</text>', 'a subject that lacks a round');
  t.notMatch(svg, /NaN|Infinity/);
});

t.test('every generator without time left is named, at its level, and without a proxy too', async (t) => {
  const run = benchRun([
    ...rounds(['set-up', 'direct'], { generatorShare: 0.95 }),
    ...rounds(['set-up', 'weir'], { generatorShare: 0.5 }),
    ...rounds(['domains', 'weir', 10], { generatorShare: 0.2 }),
    ...rounds(['domains', 'weir', 1000], { generatorShare: 0.99 }),
    ...rounds(['domains', 'squid', 10], { generatorShare: 0.2 }),
  ]);
  t.match(generatorWarnings(run), [
    /^set-up, direct: .* 95\.0 %/,
    /^domains, 1,000 domains, Weir: .* 99\.0 %/,
  ]);
  t.equal(generatorWarnings(run).length, 2);
});

t.test('plots name their axes and what has no promise, and know no NaN', async (t) => {
  const latency = { p50: 0.001, p90: 0.002, p99: 0.01, p999: 0.05 };
  const run = benchRun([
    ...cost(0.5),
    ...rounds(['mixed', 'weir'], { cpu: 1 }),
    ...rounds(['mixed', 'squid'], { cpu: 1 }).slice(1),
    ...rounds(['latency', 'weir-two-tier'], latency),
    ...rounds(['latency', 'squid-two-tier'], latency),
    ...[10, 100].flatMap((level) => rounds(['domains', 'weir', level], { cpu: 1 })),
  ]);
  const svgOf = (name: string): string => plotsOf(run).find((plot) => plot.name === name)?.svg ?? '';
  t.match(svgOf('cost-one-tier'), 'no mark: nothing is promised');
  t.match(svgOf('cost-one-tier'), '>set-up</text>');
  t.notMatch(svgOf('cost-one-tier'), '>mixed</text>', 'a subject that lacks a round');
  t.match(svgOf('latency'), 'logarithmic upright axis');
  t.equal(svgOf('latency').match(/<circle /g)?.length, 5, 'Weir: four points and its name');
  t.equal(svgOf('latency').match(/<polygon /g)?.length, 5, 'Squid has another mark');
  t.match(svgOf('domains-cost'), '>domains, logarithmic</text>');
  for (const { name, svg } of plotsOf(run)) t.notMatch(svg, /NaN|Infinity/, name);
});

t.test('a fault is told on the page by its first line, without what the program said', async (t) => {
  const faults = [{ workload: 'Set-up', subject: 'Weir', message: 'round 1: it ended\nat /some/path' }];
  const text = page({ ...benchRun(cost(0.5)), faults });
  t.match(text, '- Set-up, Weir: round 1: it ended.\n');
  t.notMatch(text, '/some/path');
});
