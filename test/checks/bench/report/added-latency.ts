/** What docs/performance.md says of the latency that two tiers add. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { addedLatency } from '../../../../bench/report/added-latency.ts';
import { benchRun } from '../../../fixtures/bench-run.ts';

const of = (workload: string, subject: string, readings: object) => ({
  workload,
  subject,
  round: 1,
  readings,
});
const NEAR = [
  of('latency', 'relay', { p50: 0.0006, p99: 0.001 }),
  of('latency', 'weir-two-tier', { p50: 0.001, p99: 0.002 }),
];
const FAR = [
  of('distance', 'weir-two-tier', { opened: 0.0227, openedTrips: 1.13 }),
  of('distance', 'squid-two-tier', { opened: 0.042, openedTrips: 2.1 }),
];

t.test('addedLatency() tells what was measured, from whichever run has it', async (t) => {
  const [heading, says = '', , near, , far] = addedLatency([benchRun(NEAR), benchRun(FAR)]);
  t.equal(heading, '## What two tiers add');
  t.match(says, /1\.00 ms for the whole of it, 400 µs more than .*, 1\.13 round trips/);
  t.match(near, '| two tiers | 1.00 ms | 2.00 ms |');
  t.match(far, '| two tiers of Squid | 42.0 ms | 2.10 |');
  t.notMatch(near, 'one tier', 'nothing is said of what was not measured');
  t.match(addedLatency([benchRun([...NEAR.slice(1), ...FAR])])[1], /1\.00 ms for the whole of it; and/);
});

t.test('addedLatency() says nothing where one of both is missing', async (t) => {
  t.same(addedLatency([benchRun(NEAR)]), []);
  t.same(addedLatency([benchRun(FAR)]), []);
});

t.test('docs/performance.md has the section, with the figures of its tables', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/performance.md'), 'utf8');
  const [, section = ''] = /\n## What two tiers add\n([\s\S]*?)\n## /.exec(page) ?? [];
  const rest = page.replace(section, '');
  const figures = [...section.matchAll(/\| ((?:\d[\d.]*)(?: [µm]s)?) (?=\|)/g)].map(
    ([, figure = '']) => figure,
  );
  t.ok(figures.length > 10, 'there are figures');
  for (const figure of figures) {
    const [number = ''] = figure.split(' ');
    t.ok(rest.includes(` ${number} `), `${figure} is in a table below`);
  }
});
