import t from 'tap';
import { ByteCounts } from '#record/byte-counts.ts';
import type { RecordEntry } from '#record/entry.ts';
import { Tally } from '#record/tally.ts';
import { sparseRecord } from '../../fixtures/records.ts';

function start(limit?: number) {
  const tally = new Tally();
  const counts = new ByteCounts(tally, limit);
  const totals = (): number[] => [tally.at('from_client').value, tally.at('to_client').value];
  return { counts, totals };
}

const entry = (transactionId: string, bytesFromClient: number, bytesToClient: number): RecordEntry =>
  sparseRecord({ transactionId, bytesFromClient, bytesToClient });

t.test('end() counts the bytes of a transaction without updates', async (t) => {
  const { counts, totals } = start();
  counts.end(entry('a', 10, 20));
  counts.end(entry('b', 1, 2));
  t.same(totals(), [11, 22]);
});

t.test('update() counts what came since the last one, and end() the rest', async (t) => {
  const { counts, totals } = start();
  counts.update(entry('a', 10, 20));
  counts.update(entry('b', 100, 200));
  t.same(totals(), [110, 220]);
  counts.update(entry('a', 15, 20));
  t.same(totals(), [115, 220]);
  counts.end(entry('c', 1, 1));
  counts.end(entry('a', 16, 30));
  counts.end(entry('b', 100, 200));
  t.same(totals(), [117, 231]);
  t.equal(counts.remembered, 0);
});

// Attacks: bounded.
t.test('update() remembers no more than its limit, and nothing is counted twice', async (t) => {
  const { counts, totals } = start(1);
  counts.update(entry('a', 10, 10));
  counts.update(entry('b', 5, 5));
  t.same(totals(), [10, 10]);
  t.equal(counts.remembered, 1);
  counts.update(entry('a', 11, 11));
  counts.end(entry('b', 7, 7));
  counts.end(entry('a', 12, 12));
  t.same(totals(), [19, 19]);
});

t.test('end() never counts back where two transactions share an id', async (t) => {
  const { counts, totals } = start();
  counts.update(entry('a', 10, 10));
  counts.end(entry('a', 3, 12));
  t.same(totals(), [10, 12]);
});
