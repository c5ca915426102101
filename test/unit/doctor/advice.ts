import t from 'tap';
import { checkFor, componentOf } from '#doctor/advice.ts';
import { REASONS } from '#errors.ts';

const blame = { tier: 2, said: 'x', reason: undefined } as const;

t.test('checkFor() and componentOf() have words for each place', async (t) => {
  for (const [place, component, check] of [
    ['verdict', 'tier 2 (t2)', /^Check the ACL rules of t2, which is tier 2/],
    ['next', 'the way from tier 2 (t2) to tier 3', /firewall rules between the tiers/],
    ['dns', 'DNS of the target, as t2 asks', /DNS servers of t2/],
    ['connect', 'the target a.x:443, as t2 reaches it', /outside connection and firewall of t2/],
    ['answer', 'the target a.x:443', /^Check the target/],
  ] as const) {
    t.equal(componentOf({ ...blame, place }, 't2', 'a.x:443'), component);
    t.match(checkFor({ ...blame, place }, 't2'), check);
  }
});

t.test('checkFor() adds the hint of a reason, or says it alone', async (t) => {
  const denied = checkFor({ ...blame, place: 'verdict', reason: 'rule_denied' }, 't2');
  t.equal(denied.endsWith(`. ${REASONS.rule_denied.hint}`), true, denied);
  t.equal(checkFor({ ...blame, place: 'verdict', reason: 'draining' }, 't2'), REASONS.draining.hint);
  t.match(
    checkFor({ ...blame, place: 'verdict', reason: 'audit_unavailable' }, 't2'),
    /; the log of t2 says why/,
  );
  t.match(
    checkFor({ ...blame, place: 'next', reason: 'peer_timeout' }, 't2'),
    /^Check what t2 dials next: .*load of the peer$/,
  );
});
