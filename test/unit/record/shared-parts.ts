import t from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { SharedParts } from '#record/shared-parts.ts';
import { sparseRecord } from '../../fixtures/records.ts';

/** Parts that say host and port, and how often one was made. */
function hosts(placeOf: (entry: RecordEntry) => number) {
  const made: string[] = [];
  const parts = new SharedParts({
    placeOf,
    isSame: (a, b) => a.host === b.host && a.port === b.port,
    render: ({ host, port }) => {
      made.push(`${host}`);
      return `${host}:${port}`;
    },
  });
  return { made, of: (host: string, port: number) => parts.of(sparseRecord({ host, port })) };
}

t.test('a part is made once for all records that have it', async (t) => {
  const { of, made } = hosts(({ port = 0 }) => port);
  for (let i = 0; i < 3; i += 1) {
    t.equal(of('a.example', 1), 'a.example:1');
    t.equal(of('b.example', 2), 'b.example:2');
  }
  t.same(made, ['a.example', 'b.example']);
});

t.test('of those that meet in one place each record still gets its own', async (t) => {
  for (const placeOf of [() => 0, ({ port = 0 }: RecordEntry) => port * 64]) {
    const { of, made } = hosts(placeOf);
    for (let i = 0; i < 2; i += 1)
      for (const [host, port] of [
        ['a.example', 1],
        ['b.example', 1],
        ['b.example', 2],
      ] as const)
        t.equal(of(host, port), `${host}:${port}`);
    t.equal(made.length, 6);
  }
});
