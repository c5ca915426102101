import t from 'tap';
import { Decisions } from '#record/decisions.ts';
import type { RecordEntry } from '#record/entry.ts';
import { Tally } from '#record/tally.ts';
import { fullRecord, sparseRecord } from '../../fixtures/records.ts';

/** Labels of each cell that is not 0, with its count. */
function cells(tally: Tally, depth: number): string[] {
  const found: string[] = [];
  tally.walk(depth, (labels, value) => {
    if (value > 0) found.push(`${labels.join(' ')}: ${value}`);
  });
  return found;
}

function after(...entries: readonly Partial<RecordEntry>[]) {
  const tallies = { decisions: new Tally(), refusals: new Tally() };
  const counts = new Decisions(tallies);
  for (const entry of entries) counts.end(sparseRecord({ outcome: 'denied', ...entry }));
  return { decisions: cells(tallies.decisions, 3), refusals: cells(tallies.refusals, 2) };
}

t.test('end() counts refusals by rule and reason together', async (t) => {
  const { decisions, refusals } = after(
    { rule: 'most', reason: 'address_prohibited' },
    { rule: 'most', reason: 'address_prohibited' },
    { rule: 'most', reason: 'sni_mismatch' },
    { rule: 'most', reason: 'peer_refused' },
    { rule: 'most', reason: 'requests_exceeded', outcome: 'limited' },
    { rule: 'never', reason: 'rule_denied' },
    { reason: 'no_rule_matched' },
  );
  t.same(refusals, [
    'most address_prohibited: 2',
    'most sni_mismatch: 1',
    'most peer_refused: 1',
    'most requests_exceeded: 1',
    'never rule_denied: 1',
    'default no_rule_matched: 1',
  ]);
  t.same(decisions, [
    'most deny enforce: 3',
    'most allow enforce: 2',
    'never deny enforce: 1',
    'default deny enforce: 1',
  ]);
});

t.test(
  'end() knows no rule of what never got to the rules, and no refusal of what failed or passed',
  async (t) => {
    t.same(after({ reason: 'assertion_refused' }), { decisions: [], refusals: [' assertion_refused: 1'] });
    t.same(after({ reason: 'client_connections_exceeded', outcome: 'limited' }).refusals, [
      ' client_connections_exceeded: 1',
    ]);
    const passed = after(
      { rule: 'most', reason: 'dns_error', outcome: 'failed' },
      { rule: 'most', outcome: 'completed' },
      { rule: 'most', reason: 'policy_revoked', outcome: 'revoked' },
    );
    t.same(passed, { decisions: ['most allow enforce: 2', 'most deny enforce: 1'], refusals: [] });
  },
);

t.test('end() counts what rules in report mode would have decided', async (t) => {
  const reports = fullRecord({}).reports ?? [];
  t.same(after({ rule: 'most', outcome: 'completed', reports }).decisions, [
    'pilot deny report: 1',
    'pilot-2 allow report: 1',
    'most allow enforce: 1',
  ]);
});
