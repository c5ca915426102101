import t from 'tap';
import { compilePolicy, type PolicyOptions } from '#acl/policy.ts';
import type { RuleOptions } from '#acl/rule.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePattern } from '#match/patterns.ts';
import { Judge, type Judgement } from '#study/judge.ts';
import { type Question, subjectOf } from '#study/question.ts';
import { allow, deny, policy } from '../../fixtures/policy.ts';
import { ip, networks } from '../../fixtures/subject.ts';

const ASKED: Question = { ip: '10.128.0.7', target: 'login.microsoft.com:443', at: 0 };

function judged(rules: readonly RuleOptions[], address?: string, question = ASKED): Judgement {
  const subject = { ...subjectOf(question), destination: address === undefined ? undefined : ip(address) };
  return new Judge(policy(...rules)).judge(question, subject);
}

t.test('judge() says what decide() says where the log has everything', async (t) => {
  t.same(judged([deny('!pods'), allow('microsoft')]), { verdict: 'allow', rule: 'allow microsoft' });
  t.same(judged([allow('!pods')]), { verdict: 'deny', rule: undefined });
});

t.test('judge() judges the address of the log, and an open one only where it matters', async (t) => {
  const rules = [allow('public')];
  t.same(judged(rules, '93.184.0.1'), { verdict: 'allow', rule: 'allow public' });
  t.same(judged(rules, '192.0.2.1'), { verdict: 'deny', rule: undefined });
  t.same(judged(rules), { verdict: 'open', lacking: ['dst'] });
  t.same(judged([deny('private'), deny('all')]), { verdict: 'deny', rule: 'deny all' }, 'denied either way');
  t.same(
    judged([allow('public'), allow('all')]),
    { verdict: 'allow', rule: undefined },
    'allowed either way',
  );
  t.same(judged([allow('public', '!pods'), allow('tls')]), { verdict: 'allow', rule: 'allow tls' });
});

/** As Squid tells of it: without a listener, unless one is given. */
function byListener(access: readonly RuleOptions[], listener?: string): Judgement {
  const acls = {
    main: { listeners: ['main'] },
    others: { listeners: ['main'], src: networks('192.0.2.0/24') },
  };
  const question = { ...ASKED, listener };
  return new Judge(compilePolicy({ acls, access }, 'x')).judge(question, subjectOf(question));
}

t.test('judge() takes a fact that the log does not have for open', async (t) => {
  t.same(byListener([allow('main')]), { verdict: 'open', lacking: ['listeners'] });
  t.same(byListener([allow('main')], 'main'), { verdict: 'allow', rule: 'allow main' });
  t.same(byListener([allow('!main')]), { verdict: 'open', lacking: ['listeners'] });
  t.same(byListener([deny('main'), deny('all')]), { verdict: 'deny', rule: undefined });
  t.same(byListener([deny('all'), allow('main')]), { verdict: 'deny', rule: 'deny all' });
});

t.test('judge() does without the fact where another part of the rule fails', async (t) => {
  t.same(byListener([allow('others')]), { verdict: 'deny', rule: undefined }, 'in the same ACL');
  t.same(byListener([allow('main', '!all')]), { verdict: 'deny', rule: undefined }, 'in another ACL');
  t.same(byListener([deny('!others'), allow('all')]), { verdict: 'open', lacking: ['listeners'] });
});

t.test('judge() knows that a deny holds by what is unknown for good, and an allow does not', async (t) => {
  const names = { microsoft: { dstDomains: [{ reach: 'below', name: 'x', text: '*.x' } as const] } };
  const address = { ...ASKED, target: '192.0.2.1:443' };
  const options = (rule: RuleOptions): PolicyOptions => ({
    acls: { main: { listeners: ['main'] }, ...names },
    access: [rule, allow('all')],
  });
  const ask = (rule: RuleOptions): Judgement =>
    new Judge(compilePolicy(options(rule), 'x')).judge(address, subjectOf(address));
  t.same(ask(deny('main', 'microsoft')), { verdict: 'open', lacking: ['listeners'] });
  t.same(ask(allow('main', 'microsoft')), { verdict: 'allow', rule: 'allow all' });
});

t.test('judge() asks no rule that only reports, and none that has ended', async (t) => {
  t.same(judged([{ ...deny('all'), mode: 'report' }, allow('tls')]), { verdict: 'allow', rule: 'allow tls' });
  t.same(byListener([{ ...deny('main'), until: 0 }, allow('all')]), { verdict: 'allow', rule: 'allow all' });
  t.same(byListener([{ ...deny('main'), mode: 'report' }, allow('all')]), {
    verdict: 'allow',
    rule: 'allow all',
  });
});

t.test('judge() takes users, namespaces and fields for open where the line has none', async (t) => {
  const acls: PolicyOptions['acls'] = { staff: { users: ['ada'] }, team: { namespaces: ['api'] } };
  const ask = (rule: RuleOptions, question: Question): Judgement =>
    new Judge(compilePolicy({ acls, access: [rule] }, 'x')).judge(question, subjectOf(question));
  t.same(ask(allow('staff'), ASKED), { verdict: 'open', lacking: ['users'] });
  t.same(ask(allow('staff'), { ...ASKED, user: 'ada' }), { verdict: 'allow', rule: 'allow staff' });
  t.same(ask(allow('team'), ASKED), { verdict: 'open', lacking: ['namespaces'] });
  t.same(ask(allow('team'), { ...ASKED, namespace: 'web' }), { verdict: 'deny', rule: undefined });
});

t.test('judge() takes for open whatever else a log does not tell', async (t) => {
  const acls: PolicyOptions['acls'] = {
    podLabels: { podLabels: { app: ['api'] } },
    namespaceLabels: { namespaceLabels: { team: ['a'] } },
    serviceAccounts: { serviceAccounts: ['builder'] },
    headers: { headers: { 'user-agent': { present: true } } },
    clientCerts: { clientCerts: ['dns:a.example'] },
    urlRegex: { urlRegex: [parsePattern('admin')] },
  };
  const ask = (acl: string, question: Question): Judgement =>
    new Judge(compilePolicy({ acls, access: [allow(acl)] }, 'x')).judge(question, subjectOf(question));
  const get = (target: string): Question => ({ ...ASKED, target, method: 'GET' });
  for (const key of Object.keys(acls))
    t.same(ask(key, get('http://a.example/?[redacted]')), { verdict: 'open', lacking: [key] }, key);
  t.same(ask('urlRegex', get('http://a.example/admin')), { verdict: 'allow', rule: 'allow urlRegex' });
  t.same(ask('urlRegex', ASKED), { verdict: 'deny', rule: undefined }, 'a CONNECT has no URL');
});

t.test('judge() takes the server name of a tunnel for open where the line has none', async (t) => {
  const acls: PolicyOptions['acls'] = { named: { sni: [parseDomainPattern('.a.example')] } };
  const ask = (question: Partial<Question>): Judgement => {
    const asked = { ...ASKED, target: 'a.example:443', ...question };
    return new Judge(compilePolicy({ acls, access: [allow('named')] }, 'x')).judge(asked, subjectOf(asked));
  };
  t.same(ask({}), { verdict: 'open', lacking: ['sni'] });
  t.same(ask({ sni: 'x.a.example' }), { verdict: 'allow', rule: 'allow named' });
  t.same(ask({ sni: 'b.example' }), { verdict: 'deny', rule: undefined });
  t.same(ask({ method: 'GET', target: 'http://a.example/' }), { verdict: 'deny', rule: undefined });
});
