import t from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { BatchRecorder } from '#record/recorder.ts';
import { logLines } from '../../fixtures/log-lines.ts';
import { sparseRecord } from '../../fixtures/records.ts';

/** Parts that remember what they are given, and throw where told to. */
function parts(faults: { readonly inLog?: boolean; readonly inMetrics?: boolean } = {}) {
  const written: RecordEntry[] = [];
  const observed: RecordEntry[] = [];
  const dropped: string[] = [];
  const { log, lines } = logLines();
  const recorder = new BatchRecorder({
    accessLog: {
      write(entry) {
        if (faults.inLog) throw new Error('Cannot render');
        written.push(entry);
      },
    },
    metrics: {
      observe(entry) {
        if (faults.inMetrics) throw new Error('Cannot count');
        observed.push(entry);
      },
      logDropped: (name, count) => dropped.push(`${name} ${count}`),
    },
    log,
    now: () => 0,
  });
  return { recorder, written, observed, dropped, lines };
}

// Attacks: recorded-once.
t.test('settle() hands the records to log and metrics, in their order and once', async (t) => {
  const { recorder, written, observed, lines } = parts();
  const entries = ['a', 'b'].map((transactionId) => sparseRecord({ transactionId }));
  for (const entry of entries) recorder.record(entry);
  t.same(written, []);
  recorder.settle();
  recorder.settle();
  t.same([written, observed, lines], [entries, entries, []]);
});

t.test('record() settles by itself after a moment', async (t) => {
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const { recorder, written } = parts();
  recorder.record(sparseRecord());
  t.clock.advance(49);
  t.equal(written.length, 0);
  t.clock.advance(1);
  t.equal(written.length, 1);
});

t.test('record() settles by itself when many wait', async (t) => {
  const { recorder, written, observed } = parts();
  for (let index = 0; index < 127; index += 1) recorder.record(sparseRecord());
  t.equal(written.length, 0);
  recorder.record(sparseRecord());
  t.same([written.length, observed.length], [128, 128]);
});

t.test('settle() counts in the metrics, and as a lost line, what cannot be rendered', async (t) => {
  const { recorder, observed, dropped, lines } = parts({ inLog: true });
  const entry = sparseRecord({ transactionId: 'a' });
  recorder.record(entry);
  recorder.settle();
  t.same(observed, [entry]);
  t.same(dropped, ['access 1']);
  t.match(lines, [
    { msg: 'Cannot record a transaction', transaction_id: 'a', err: { message: 'Cannot render' } },
  ]);
});

// Attacks: recorded-once.
t.test('settle() writes the line although the metrics fail, and reports seldom', async (t) => {
  const { recorder, written, dropped, lines } = parts({ inMetrics: true });
  recorder.record(sparseRecord());
  recorder.record(sparseRecord());
  recorder.settle();
  t.equal(written.length, 2);
  t.same(dropped, []);
  t.match(lines, [{ err: { message: 'Cannot count' } }]);
  t.equal(lines.length, 1);
});
