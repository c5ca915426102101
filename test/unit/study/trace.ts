import t from 'tap';
import type { RuleOptions } from '#acl/rule.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePortRange } from '#match/ports.ts';
import { type Trace, traceOf } from '#study/trace.ts';
import { allow, deny, policy } from '../../fixtures/policy.ts';
import { networks, type SubjectParts, subject } from '../../fixtures/subject.ts';

/** As the fixture's policy has them. */
const ACLS = {
  pods: { src: networks('10.128.0.0/14') },
  microsoft: { dstDomains: ['.microsoft.com', '.corp.internal'].map(parseDomainPattern) },
  tls: { ports: [parsePortRange(443)] },
  public: { dst: networks('93.184.0.0/16') },
  private: { dst: networks('10.0.0.0/8') },
};

function trace(access: readonly RuleOptions[], parts: SubjectParts = {}): Trace {
  return traceOf({ policy: policy(...access), acls: ACLS, subject: subject(parts) });
}

function told({ rules }: Trace): string[] {
  return rules.map(({ matched, because }) => `${matched} ${because}`);
}

t.test('traceOf() tells of each rule whether it matched, and why not', async (t) => {
  const found = trace([deny('!tls'), deny('microsoft', 'tls'), allow('all')]);
  t.match(found, { verdict: 'deny', rule: { name: 'deny microsoft tls' }, outcomes: [] });
  t.same(told(found), [
    'false !tls: port 443 is in tls',
    'true microsoft: host login.microsoft.com is in microsoft (.microsoft.com); tls: port 443 is in tls',
    'null not reached: deny microsoft tls decides before',
  ]);
  t.same(found.rules[0]?.literals, [{ acl: '!tls', value: 'false', because: 'port 443 is in tls' }]);
  t.same(found.rules[2]?.literals, []);
});

t.test('traceOf() reaches every rule where none decides', async (t) => {
  const found = trace([allow('!pods'), deny('!tls')]);
  t.match(found, { verdict: 'deny', rule: undefined });
  t.same(
    found.rules.map(({ matched }) => matched),
    [false, false],
  );
  t.match(trace([]), { verdict: 'deny', rule: undefined, rules: [] });
});

t.test('traceOf() tells what is unknown by what it does', async (t) => {
  const unknown = 'host 20.1.2.3 cannot be judged by dstDomains, so microsoft is unknown';
  t.same(told(trace([allow('microsoft'), deny('!microsoft')], { host: '20.1.2.3' })), [
    `false microsoft: ${unknown}`,
    `true !microsoft: ${unknown}`,
  ]);
});

t.test('traceOf() tells what depends on the address, and what it may come to', async (t) => {
  const found = trace([deny('private', 'tls'), allow('public'), deny('all'), deny('tls')]);
  t.match(found, { verdict: 'needs-address', rule: undefined });
  t.same(
    found.rules.map(({ matched, because }) => `${matched} ${because.replace(/ is not known yet.*/, '')}`),
    [
      'null private: address of login.microsoft.com',
      'null public: address of login.microsoft.com',
      'true all: it always holds',
      'null not reached: allow public or deny all or deny private tls decides before',
    ],
  );
  t.equal(found.outcomes.length, 3);
});

t.test('traceOf() is certain where every address leads to the same', async (t) => {
  const found = trace([allow('public'), allow('!public')]);
  t.match(found, { verdict: 'allow', rule: undefined });
  t.equal(found.outcomes.length, 2);
});

t.test('traceOf() tells why TRACE is not allowed', async (t) => {
  const [rule] = trace([allow('pods')], { method: 'TRACE' }).rules;
  t.match(rule, { matched: false, because: 'TRACE is allowed only by a rule with an ACL that names it' });
});

t.test('traceOf() tells a rule that has ended, and one that only reports', async (t) => {
  const until = Date.UTC(2026, 10, 1);
  const found = trace([{ ...deny('all'), until }, { ...deny('tls'), mode: 'report' }, allow('pods')]);
  t.match(found, { verdict: 'allow', rule: { name: 'allow pods' } });
  t.same(told(found), [
    'false it ended at 2026-11-01T00:00:00Z',
    'true tls: port 443 is in tls; it reports and does not decide',
    'true pods: client 10.128.0.7 is in pods (10.128.0.0/14)',
  ]);
});

t.test('traceOf() takes no ACL from what objects inherit', async (t) => {
  const [rule] = traceOf({ policy: policy(allow('all')), acls: {}, subject: subject() }).rules;
  t.match(rule, { matched: true, because: 'all: it always holds' });
});
