import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import t from 'tap';
import type { Snapshot } from '#record/merged-metrics.ts';
import { keepCounters, takeCounters } from '#supervisor/kept-counters.ts';

const COUNTED: Snapshot = [
  { name: 'a_total', help: 'a', type: 'counter', aggregator: 'sum', values: [{ labels: {}, value: 7 }] },
];

t.test('takeCounters() gives once what was kept', async (t) => {
  const folder = t.testdir();
  keepCounters(folder, COUNTED);
  t.equal(statSync(join(folder, 'counters')).mode & 0o777, 0o600);
  t.same(takeCounters(folder), COUNTED);
  t.same(takeCounters(folder), []);
});

t.test('counters begin anew where they cannot be kept or read', async (t) => {
  const folder = t.testdir();
  keepCounters(join(folder, 'gone'), COUNTED);
  writeFileSync(join(folder, 'counters'), 'nonsense');
  t.same(takeCounters(folder), []);
  keepCounters(folder, 'nonsense' as unknown as Snapshot);
  t.same(takeCounters(folder), []);
  for (const strange of [COUNTED, [0, COUNTED], ['1', COUNTED]]) {
    writeFileSync(join(folder, 'counters'), serialize(strange));
    t.same(takeCounters(folder), [], 'of another version');
  }
});
