import t from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { createRecorder } from '#record/recorder.ts';
import { logLines } from '../../fixtures/log-lines.ts';
import { sparseRecord } from '../../fixtures/records.ts';

/** Parts that remember what they are given, and throw where told to. */
function parts(faults: { readonly inLog?: boolean; readonly inMetrics?: boolean } = {}) {
  const written: RecordEntry[] = [];
  const observed: RecordEntry[] = [];
  const dropped: string[] = [];
  const { log, lines } = logLines();
  const recorder = createRecorder({
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

t.test('record() hands the record to log and metrics', async (t) => {
  const { recorder, written, observed, lines } = parts();
  const entry = sparseRecord();
  recorder.record(entry);
  t.same([written, observed, lines], [[entry], [entry], []]);
});

t.test('record() counts in the metrics, and as a lost line, what cannot be rendered', async (t) => {
  const { recorder, observed, dropped, lines } = parts({ inLog: true });
  const entry = sparseRecord({ transactionId: 'a' });
  recorder.record(entry);
  t.same(observed, [entry]);
  t.same(dropped, ['access 1']);
  t.match(lines, [
    { msg: 'Cannot record a transaction', transaction_id: 'a', err: { message: 'Cannot render' } },
  ]);
});

t.test('record() writes the line although the metrics fail, and reports seldom', async (t) => {
  const { recorder, written, dropped, lines } = parts({ inMetrics: true });
  recorder.record(sparseRecord());
  recorder.record(sparseRecord());
  t.equal(written.length, 2);
  t.same(dropped, []);
  t.match(lines, [{ err: { message: 'Cannot count' } }]);
  t.equal(lines.length, 1);
});
