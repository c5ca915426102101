/**
 * Results as tables of text, which the terminal, the report and the page of the documentation all show: one of the contract, one
 * for each workload.
 */
import type { Metric } from '../harness/reading.ts';
import { median, spreadOf } from '../stats/spread.ts';
import type { Judged, Standing } from './judge.ts';
import { ratioOf } from './ratio.ts';
import { levelsOf, type Query, type Results, type ToldWorkload, valuesOf } from './results.ts';
import { count, digits, digitsBeside, told, toldSpread } from './units.ts';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const STANDINGS: Readonly<Record<Standing, string>> = {
  aim: '✓ must, ✓ aim',
  must: '✓ must, ✗ aim',
  missed: '✗ must not reached',
  'not measured': 'not measured',
};

const UNITS = { ratio: '×', kB: 'kB', µs: 'µs' } as const;

/** Each row of the contract with its verdict. */
export function contractTable(judged: readonly Judged[]): Table {
  return {
    head: ['Promise', 'must', 'aim', 'measured', 'min to max', 'verdict'],
    rows: judged.map(({ row, value, standing }) => {
      const unit = UNITS[row.unit];
      const limits = [row.must, row.aim].map((limit) => `≤ ${limit} ${unit}`);
      const measured =
        value === undefined ? '-' : `${digitsBeside(value.median, [row.must, row.aim])} ${unit}`;
      const range = value === undefined ? '-' : `${digits(value.min)} to ${digits(value.max)}`;
      return [row.title, ...limits, measured, range, STANDINGS[standing]];
    }),
  };
}

type Column = readonly [title: string, cell: (row: RowQuery) => string];
type RowQuery = Omit<Query, 'metric'>;

/** The subject whose cost others are told as a multiple of. */
function baseOf(subject: string): string {
  if (subject.endsWith('-cache')) return 'squid-cache';
  if (!subject.endsWith('-two-tier')) return 'squid';
  return subject.includes('-tls-') ? 'squid-tls-two-tier' : 'squid-two-tier';
}

/** Columns that have anything to say about `workload`, with a cell for each subject and level. */
function columnsOf(results: Results, unit: string): readonly Column[] {
  const values = (row: RowQuery, metric: Metric) => valuesOf(results, { ...row, metric });
  const spread = (metric: Metric) => (row: RowQuery) => {
    const found = values(row, metric);
    return found.length === 0 ? '' : toldSpread(metric, spreadOf(found));
  };
  const middle = (metric: Metric) => (row: RowQuery) => {
    const found = values(row, metric);
    return found.length === 0 ? '' : told(metric, median(found));
  };
  const ratio = (metric: Metric) => (row: RowQuery) => {
    const found = ratioOf(results, { ...row, metric }, { ...row, subject: baseOf(row.subject), metric });
    return found === undefined ? '' : digits(found.median);
  };
  return [
    [`CPU per ${unit}`, spread('cpu')],
    ['÷ Squid', ratio('cpu')],
    [`memory per ${unit}`, spread('rssPerTunnel')],
    [`time per ${unit}`, spread('decision')],
    ['to the 200', spread('opened')],
    ['round trips', spread('openedTrips')],
    ['to the echo', spread('echoed')],
    ['round trips', spread('echoedTrips')],
    [`${unit}/s`, middle('throughput')],
    ['p50', middle('p50')],
    ['p90', middle('p90')],
    ['p99', middle('p99')],
    ['p99.9', middle('p999')],
    ['memory', middle('rss')],
    ['generator busy', middle('generatorShare')],
  ];
}

/** Subjects in their order, with every level of a sweep; min / median / max where there are three numbers, else the median. */
export function workloadTable(results: Results, { name, unit, levelName = 'level' }: ToldWorkload): Table {
  const levels = levelsOf(results, name);
  const isSweep = levels.some((level) => level !== undefined);
  const rows = results.subjects
    .flatMap((subject) => levels.map((level) => ({ subject, level })))
    .map(({ subject, level }) => ({
      title: subject.title,
      level,
      query: { workload: name, subject: subject.name, level },
    }));
  const columns = columnsOf(results, unit)
    .map(([title, cell]) => ({ title, cells: rows.map(({ query }) => cell(query)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const full = rows
    .map(({ title, level }, index) => [
      title,
      ...(isSweep ? [count(level ?? 0)] : []),
      ...columns.map(({ cells }) => cells[index] ?? ''),
    ])
    .filter((cells) => cells.slice(isSweep ? 2 : 1).some((cell) => cell !== ''));
  return { head: ['', ...(isSweep ? [levelName] : []), ...columns.map(({ title }) => title)], rows: full };
}

/** A generator busier than this is what limits throughput. */
const BUSY = 0.9;

/** Measurements in which the load generator had no time left, so that throughput and latency are its own. */
export function generatorWarnings(results: Results): readonly string[] {
  return results.workloads.flatMap(({ name: workload, title, levelName }) =>
    results.subjects.flatMap(({ name: subject, title: who }) =>
      levelsOf(results, workload).flatMap((level) => {
        const shares = valuesOf(results, { workload, subject, metric: 'generatorShare', level });
        if (shares.length === 0 || median(shares) < BUSY) return [];
        const where = level === undefined ? title : `${title}, ${count(level)} ${levelName ?? ''}`.trimEnd();
        return [
          `${where}, ${who}: the load generator was busy ${told('generatorShare', median(shares))} of a core`,
        ];
      }),
    ),
  );
}
