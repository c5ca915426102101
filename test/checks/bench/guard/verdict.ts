/** What the guard lets pass, and what not: dearer, not measured, cut short. */
import t from 'tap';
import { heats } from '../../../../bench/guard/race.ts';
import { type Verdict, verdictOn, verdictTable } from '../../../../bench/guard/verdict.ts';
import type { Outcome } from '../../../../bench/harness/plan.ts';

const [heat] = heats();
if (heat === undefined) throw new Error('Cannot test the guard: it runs nothing');
const ROUNDS = 6;

/** Rounds in which the baseline cost 1 and the tree `factor`; the last `short` rounds of the tree are missing. */
function outcome(factor: number, short = 0): Outcome {
  const { workload, pair } = heat as NonNullable<typeof heat>;
  const costs: readonly (readonly [subject: string, cpu: number, rounds: number])[] = [
    [pair.baseline, 1, ROUNDS],
    [pair.tree, factor, ROUNDS - short],
  ];
  const observations = costs.flatMap(([subject, cpu, rounds]) =>
    Array.from({ length: rounds }, (_, index) => ({
      workload: workload.name,
      subject,
      round: index + 1,
      readings: { cpu },
    })),
  );
  return { observations, faults: [] };
}

const judge = (made: Outcome): Verdict => verdictOn(heat, made, ROUNDS);

t.test('verdictOn() passes what costs the same or less, and fails what costs more', async (t) => {
  t.equal(judge(outcome(1)).isPassed, true);
  t.equal(judge(outcome(0.5)).isPassed, true);
  t.equal(judge(outcome(1.6)).isPassed, false);
});

t.test('verdictOn() fails what was not measured to the end', async (t) => {
  t.equal(judge(outcome(1, 1)).isPassed, false);
  t.equal(judge({ observations: [], faults: [] }).isPassed, false);
});

t.test('verdictTable() has a row for each kind of work', async (t) => {
  const table = verdictTable('0123456789abcdef', [judge(outcome(1.6))]);
  t.match(table.head, ['CPU per unit of work', '0123456789ab', 'working tree']);
  t.same(table.rows, [
    [heat.workload.title, '1.00 s', '1.60 s', '1.60', '1.60 to 1.60', '✗ dearer than the baseline'],
  ]);
});

t.test(
  'the guard sets tunnels up, moves bytes both ways, forwards, and goes through two tiers',
  async (t) => {
    t.same(
      heats().map(({ workload }) => workload.name),
      ['set-up', 'download-1', 'upload-16', 'get-1k', 'set-up-two-tier'],
    );
  },
);
