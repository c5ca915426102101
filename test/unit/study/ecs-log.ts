import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { REASONS, type Reason } from '#errors.ts';
import type { RecordEntry } from '#record/entry.ts';
import { renderEcs } from '#record/render-ecs.ts';
import { renderJson } from '#record/render-json.ts';
import { nativeFields } from '#study/ecs-log.ts';
import { readLine } from '#study/read-line.ts';
import { fullRecord } from '../../fixtures/records.ts';

t.test('nativeFields() leaves lines of another format alone', async (t) => {
  const native = { time: '2026-11-23T02:00:01.007Z', event: 'end' };
  t.equal(nativeFields(native), native);
});

t.test('nativeFields() makes no target of half an address', async (t) => {
  const half = { 'event.dataset': 'weir.access', 'destination.address': 'a.example' };
  t.equal(nativeFields(half).target, undefined);
  t.equal(nativeFields({ ...half, 'destination.port': 443 }).target, 'a.example:443');
});

const optional = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(values, { nil: undefined });
const ENTRY = fc.record({
  event: fc.constantFrom('open', 'update', 'end'),
  namespace: fc.constantFrom('api', undefined),
  serviceAccount: fc.constantFrom('robot', undefined),
  user: optional(fc.string({ unit: 'binary', maxLength: 20 })),
  method: fc.constantFrom('CONNECT', 'GET', undefined),
  host: optional(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())),
  port: optional(fc.integer({ min: 1, max: 65_535 })),
  url: optional(fc.webUrl()),
  reason: fc.constantFrom(undefined, ...(Object.keys(REASONS) as Reason[])),
  rule: fc.constantFrom('a', undefined),
  peer: fc.constantFrom('vm-a', undefined),
  upstreamIp: optional(fc.ipV4()),
  sni: fc.constantFrom('a.example', undefined),
  durationMs: fc.double({ min: 0, max: 1e8, noNaN: true }),
});

t.test('readLine() finds the same in a line of format ecs as in one of json', async (t) => {
  const kinds = new Set<string | undefined>();
  const check = (fields: Partial<RecordEntry>): void => {
    const entry = fullRecord(fields);
    const read = readLine(renderEcs(entry));
    kinds.add(read?.kind);
    assert.deepEqual(read, readLine(renderJson(entry)));
  };
  fc.assert(fc.property(ENTRY, check), { seed: 3, numRuns: 1000 });
  t.same([...kinds].sort(), ['decided', 'undecided']);
});
