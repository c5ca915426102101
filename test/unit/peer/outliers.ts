import t from 'tap';
import { Outliers } from '#peer/outliers.ts';

t.test('Outliers ejects after five faults in a row', async (t) => {
  const outliers = new Outliers();
  for (let inARow = 1; inARow < 5; inARow += 1) t.equal(outliers.countBad(inARow, 100), 0);
  t.equal(outliers.leftMs(100), 0);
  t.equal(outliers.countBad(5, 100), 5_000);
  t.same([outliers.leftMs(100), outliers.leftMs(5_099), outliers.leftMs(5_100)], [5_000, 1, 0]);
  t.equal(outliers.countBad(6, 200), 0, 'once');
  t.notOk(outliers.stands);
});

t.test('Outliers ejects for twice as long each time, up to a minute', async (t) => {
  const outliers = new Outliers();
  let nowMs = 0;
  const waits = Array.from({ length: 6 }, (_, i) => {
    const forMs = outliers.countBad(5 + i, nowMs);
    nowMs += forMs;
    return forMs;
  });
  t.same(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  t.equal(outliers.countBad(5, nowMs + 59_999), 60_000, 'a short good time is not enough');
  t.equal(outliers.countBad(5, nowMs + 59_999 + 120_000), 5_000, 'but a minute is');
});

t.test('Outliers ejects where more than half of twenty have failed within ten seconds', async (t) => {
  const outliers = new Outliers();
  const attempt = (nowMs: number): number => {
    outliers.countGood();
    return outliers.countBad(1, nowMs);
  };
  // The window begins with the first fault, so that what succeeded before it is not of it.
  for (let i = 0; i < 10; i += 1) t.equal(attempt(i), 0);
  t.equal(outliers.countBad(2, 20), 5_000, 'eleven of twenty');
  t.ok(outliers.stands);
  outliers.pardon();
  t.equal(outliers.leftMs(21), 4_999, 'a success does not end it');
});

t.test('Outliers needs more than half of twenty attempts, and those of ten seconds', async (t) => {
  const outliers = new Outliers();
  for (let i = 0; i < 100; i += 1) {
    outliers.countGood();
    t.equal(outliers.countBad(1, i * 700), 0, 'every second one');
  }
  const seldom = new Outliers();
  for (let i = 0; i < 100; i += 1) t.equal(seldom.countBad(1, i * 600), 0, 'seventeen in a window');
});

t.test('Outliers ends an ejection for faults in a row with a success', async (t) => {
  const outliers = new Outliers();
  outliers.countBad(5, 0);
  outliers.pardon();
  t.equal(outliers.leftMs(1), 0);
  t.equal(outliers.countBad(5, 10), 10_000, 'and does not forget it');
});

t.test('Outliers learns of an ejection elsewhere, where it is the longer one', async (t) => {
  const outliers = new Outliers();
  outliers.learn(5_000, true);
  t.same([outliers.leftMs(0), outliers.stands], [5_000, true]);
  outliers.learn(4_000, false);
  t.same([outliers.leftMs(0), outliers.stands], [5_000, true]);
});
