import fc from 'fast-check';
import t from 'tap';
import { readServerTiming, renderServerTiming } from '#hop/server-timing.ts';

const field = (...values: readonly string[]): string[] => values.flatMap((value) => ['Server-Timing', value]);

t.test('readServerTiming() reads what renderServerTiming() writes', async (t) => {
  const ms = fc.option(
    fc.integer({ min: 0, max: 99_999_999_000 }).map((micros) => micros / 1000),
    { nil: undefined },
  );
  fc.assert(
    fc.property(ms, ms, (dnsMs, connectMs) => {
      const text = renderServerTiming({ dnsMs, connectMs });
      if (dnsMs === undefined && connectMs === undefined) t.equal(text, undefined);
      else t.same(readServerTiming(field(text as string)), { dnsMs, connectMs });
    }),
    { seed: 44, numRuns: 300 },
  );
  t.equal(renderServerTiming({ dnsMs: 1.23456, connectMs: 2 }), 'dns;dur=1.235, connect;dur=2');
});

const ODD: Readonly<Record<string, readonly string[]>> = {
  none: [],
  'an empty one': [''],
  'two of them': ['dns;dur=1', 'connect;dur=2'],
  'another order': ['connect;dur=2, dns;dur=1'],
  'one name twice': ['dns;dur=1, dns;dur=2'],
  'another name': ['db;dur=1'],
  'a description': ['dns;desc="x";dur=1'],
  'a negative duration': ['dns;dur=-1'],
  'no number': ['dns;dur=NaN'],
  'a power': ['dns;dur=1e3'],
  'a number without an end': [`dns;dur=${'9'.repeat(5000)}`],
  'a comma behind it': ['dns;dur=1, '],
  'another blank': ['dns;dur=1,  connect;dur=2'],
};

for (const [what, values] of Object.entries(ODD)) {
  t.test(`readServerTiming() reads nothing of ${what}`, async (t) => {
    t.equal(readServerTiming(field(...values)), undefined);
  });
}
