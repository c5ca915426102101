import t from 'tap';
import { ProxyError } from '#errors.ts';
import type { HopAnswer } from '#study/explain-hop.ts';
import { subjectOf } from '#study/question.ts';
import { statusOf, statusThrough } from '#study/status.ts';
import { openTestTier } from '../../fixtures/tier.ts';

const tiers = { t1: await openTestTier(t, { name: 't1' }), t2: await openTestTier(t, { name: 't2' }) };

function hop(name: keyof typeof tiers, parts: Partial<HopAnswer> = {}, target = 'a.example:443'): HopAnswer {
  const subject = subjectOf({ ip: '10.128.0.7', target });
  return { tier: tiers[name], subject, verdict: 'allow', error: undefined, ...parts } as HopAnswer;
}

const denied = (reason: 'rule_denied' | 'credentials_wanted'): Partial<HopAnswer> => {
  return { verdict: 'deny', error: new ProxyError(reason, { rule: 'r' }) };
};

t.test('statusOf() is of an answer of ours, and of no other', async (t) => {
  t.equal(statusOf(hop('t1')), 'HTTP/1.1 200 Connection established');
  t.equal(statusOf(hop('t1', {}, 'http://a.example/')), undefined, 'the origin answers');
  t.equal(statusOf(hop('t1', { verdict: 'needs-address' })), undefined);
  t.equal(statusOf(hop('t1', denied('rule_denied'))), 'HTTP/1.1 403 Denied by t1 rule r');
  t.equal(statusOf(hop('t1', denied('credentials_wanted'))), 'HTTP/1.1 407 Credentials wanted (t1)');
});

t.test('statusOf() is that of an open tunnel where it takes the ClientHello to refuse it', async (t) => {
  const acls = '{ pods: { src: [10.128.0.0/14] }, named: { sni: [b.example] }, web: { dst: [20.0.0.0/8] } }';
  const named = await openTestTier(t, { acls, access: '[{ name: named, allow: [named] }]' });
  const both = await openTestTier(t, { acls, access: '[{ name: r, allow: [named, web] }]' });
  const by = (tier: typeof named, parts: Partial<HopAnswer>, target = 'a.example:443'): string | undefined =>
    statusOf({ ...hop('t1', parts, target), tier });
  const open = 'HTTP/1.1 200 Connection established';
  const refused = denied('rule_denied');
  t.equal(by(named, refused), open);
  t.equal(by(both, refused, '20.0.0.1:443'), open);
  t.equal(by(both, refused, '10.0.0.1:443'), 'HTTP/1.1 403 Denied by t rule r', 'no hello could allow it');
  t.equal(by(both, refused), 'HTTP/1.1 403 Denied by t rule r', 'where the address comes first');
  t.equal(by(named, refused, 'http://a.example/'), 'HTTP/1.1 403 Denied by t rule r');
  t.equal(by(named, { error: new ProxyError('no_route') }), 'HTTP/1.1 500 No route (t)');
  t.equal(statusOf(hop('t1', { error: new ProxyError('sni_mismatch') })), open);
});

t.test('statusThrough() is the word of the second, but where it asks the first who it is', async (t) => {
  t.equal(statusThrough(hop('t1'), hop('t2')), 'HTTP/1.1 200 Connection established');
  t.equal(statusThrough(hop('t1'), hop('t2', denied('rule_denied'))), 'HTTP/1.1 403 Denied by t2 rule r');
  t.equal(
    statusThrough(hop('t1'), hop('t2', denied('credentials_wanted'))),
    'HTTP/1.1 502 Peer wants other credentials (t1)',
  );
  t.equal(statusThrough(hop('t1', { verdict: 'needs-address' }), hop('t2')), undefined);
});
