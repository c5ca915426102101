import t from 'tap';
import { diagnosisJson, renderDiagnosis } from '#doctor/render-diagnosis.ts';
import type { Diagnosis } from '#doctor/step.ts';

const OPEN: Diagnosis = {
  target: 'a.x:443',
  proxy: 'http://p:1',
  steps: [
    { step: 'environment', mark: 'ok', detail: 'fine', notes: ['a note'] },
    { step: 'tier2-reach', mark: 'unknown', detail: 'not told', notes: [] },
  ],
  fault: undefined,
  hops: [],
  transaction: undefined,
  hearsay: [],
};
const BROKEN: Diagnosis = {
  ...OPEN,
  proxy: undefined,
  steps: [{ step: 'tier12-verdict', mark: 'failed', detail: 'no', notes: [] }],
  fault: { step: 'tier12-verdict', component: 'tier 12 (x)', detail: 'no', check: 'Check it' },
  transaction: 'ab-1',
  hearsay: ['t9: dns_error'],
};

t.test('renderDiagnosis() has a line for each step, and what it comes down to', async (t) => {
  t.equal(
    renderDiagnosis(OPEN),
    'a.x:443 through http://p:1\n\n✓ Environment      fine\n    a note\n– Tier 2, reached  not told\n\nThe way is open\n',
  );
  t.equal(
    renderDiagnosis(BROKEN),
    [
      'a.x:443 through no proxy',
      '',
      '✗ Tier 12, verdict  no',
      '',
      '✗ tier 12 (x): no',
      '  Check it',
      '  Transaction ab-1: look it up in the logs of the tiers',
      'Hearsay, as an origin could say it too:',
      '  t9: dns_error',
      '',
    ].join('\n'),
  );
});

t.test('diagnosisJson() has the same for programs', async (t) => {
  t.match(diagnosisJson(OPEN), { ok: true, target: 'a.x:443', steps: OPEN.steps });
  t.match(diagnosisJson(BROKEN), {
    ok: false,
    fault: BROKEN.fault,
    transaction_id: 'ab-1',
    hearsay: ['t9: dns_error'],
  });
});
