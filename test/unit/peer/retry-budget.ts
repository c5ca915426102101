import t from 'tap';
import { RetryBudget } from '#peer/retry-budget.ts';

/** How many retries are left at `nowMs`, which takes them all. */
function takeAll(budget: RetryBudget, nowMs: number): number {
  let count = 0;
  while (count < 1_000 && budget.takeRetry(nowMs)) count += 1;
  return count;
}

t.test('RetryBudget allows ten retries, however few requests there are', async (t) => {
  t.equal(takeAll(new RetryBudget(), 123_456), 10);
});

t.test('RetryBudget shares those ten out among processes, and each has one at least', async (t) => {
  for (const [processes, each] of [
    [1, 10],
    [4, 2],
    [10, 1],
    [64, 1],
  ] as const)
    t.equal(takeAll(new RetryBudget(processes), 0), each, `${processes}`);
});

t.test('RetryBudget allows a fifth of the requests besides', async (t) => {
  const budget = new RetryBudget();
  for (let i = 0; i < 500; i += 1) budget.countRequest(1_000);
  t.equal(takeAll(budget, 1_000), 110);
  t.equal(takeAll(budget, 4_999), 0);
});

t.test('RetryBudget counts the half before with the present one, and forgets those before', async (t) => {
  const budget = new RetryBudget();
  for (let i = 0; i < 100; i += 1) budget.countRequest(1_000);
  t.equal(takeAll(budget, 1_000), 30);
  t.equal(takeAll(budget, 6_000), 0, 'five seconds later they are remembered');
  for (let i = 0; i < 100; i += 1) budget.countRequest(6_000);
  t.equal(takeAll(budget, 6_000), 20);
  t.equal(takeAll(budget, 11_000), 10, 'of the first half nothing is left');
  t.equal(takeAll(budget, 60_000), 10, 'nor of any after a pause');
});
