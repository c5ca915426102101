import t from 'tap';
import { bodyOf } from '#audit/canonical.ts';
import { BEGINNING, linkTo } from '#audit/chain.ts';
import { endBody, permitBody } from '#audit/decision.ts';
import { fullRecord, sparseRecord } from '../../fixtures/records.ts';

for (const [name, record] of Object.entries({ full: fullRecord, sparse: sparseRecord })) {
  t.test(`permitBody() makes the same of a ${name} record as bodyOf()`, async (t) => {
    const body = permitBody(record());
    const { hash: _, prev: __, seq: ___, ...fields } = JSON.parse(linkTo(BEGINNING, body).line);
    t.equal(body, bodyOf(fields));
    t.match(fields, {
      event: 'decision',
      verdict: 'allow',
      hop: 't1',
      transaction_id: record().transactionId,
    });
  });
}

t.test('permitBody() says who asked for what, and which rule let it pass', async (t) => {
  t.match(JSON.parse(linkTo(BEGINNING, permitBody(fullRecord())).line), {
    client_ip: '10.128.0.7',
    namespace: 'api',
    host: 'login.microsoft.com',
    port: 443,
    rule: 'microsoft-login',
    reports: ['pilot', 'pilot-2'],
    service_account: 'builder',
    user: 'alice',
    time: '2026-11-23T02:00:01.007Z',
  });
});

t.test('endBody() tells of refusals and revocations, and of nothing else', async (t) => {
  const told = (fields: Parameters<typeof fullRecord>[0]) => {
    const body = endBody(fullRecord(fields));
    return body && JSON.parse(linkTo(BEGINNING, body).line);
  };
  t.match(told({ outcome: 'denied', reason: 'rule_denied' }), {
    event: 'decision',
    verdict: 'deny',
    reason: 'rule_denied',
  });
  t.match(told({ outcome: 'limited' }), { event: 'decision', verdict: 'deny' });
  t.match(told({ outcome: 'revoked' }), { event: 'revocation', verdict: 'deny' });
  t.match(told({ outcome: 'failed', reason: 'audit_unavailable' }), { event: 'decision', verdict: 'deny' });
  t.equal(told({ outcome: 'failed', reason: 'dns_error' }), undefined);
  t.equal(told({ outcome: 'completed' }), undefined);
  t.equal(told({ event: 'update', outcome: 'denied' }), undefined);
});
