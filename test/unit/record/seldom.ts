import t from 'tap';
import { Seldom } from '#record/seldom.ts';

t.test(
  'run() reports at once, then no more than once in a while, and says how often it did not',
  async (t) => {
    let ms = 0;
    const reports: number[] = [];
    const seldom = new Seldom(100, () => ms);
    const run = (): void => seldom.run((suppressed) => reports.push(suppressed));
    run();
    run();
    ms = 99;
    run();
    t.same(reports, [0]);
    ms = 100;
    run();
    t.same(reports, [0, 2]);
    ms = 200;
    run();
    t.same(reports, [0, 2, 0]);
  },
);

t.test('run() takes its time from the process where none is given', async (t) => {
  const reports: number[] = [];
  const seldom = new Seldom(60_000);
  seldom.run((suppressed) => reports.push(suppressed));
  seldom.run((suppressed) => reports.push(suppressed));
  t.same(reports, [0]);
});
