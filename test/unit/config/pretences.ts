import t from 'tap';
import { decide } from '#acl/decide.ts';
import type { RuleOptions } from '#acl/rule.ts';
import { pretencesTo } from '#config/pretences.ts';
import { STRANGE_NAME } from '#config/strangers.ts';
import type { AclOptions } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import type { Subject } from '#match/subject.ts';
import { type IpAddress, parseIp, parseNetwork } from '#net/ip.ts';

const STRANGER: Subject = {
  clientAddress: parseIp('11.0.0.1') as IpAddress,
  listener: 'main',
  method: 'CONNECT',
  host: STRANGE_NAME,
  port: 443,
  timeMs: 0,
  destination: parseIp('12.0.0.1'),
  requestUrl: undefined,
  headers: [],
  user: undefined,
  identity: undefined,
  clientCert: undefined,
  sni: STRANGE_NAME,
};

const ACLS: Readonly<Record<string, AclOptions>> = {
  names: { dstDomains: [parseDomainPattern(STRANGE_NAME.text)] },
  field: { headers: { 'x-a': { present: true } } },
  odd: { headers: { 'x-b': { present: true } }, ports: [{ first: 8443, last: 8443, text: '8443' }] },
  server: { sni: [parseDomainPattern('a.example')] },
  near: { src: [parseNetwork('10.0.0.0/8')] },
};

const rule = (name: string, options: Partial<RuleOptions>): RuleOptions => ({ name, ...options });

/** What each pretence comes to: the rule that allows, or none. */
function words(access: readonly RuleOptions[], claimed: readonly 'src'[] = []): (string | undefined)[] {
  return pretencesTo({ acls: ACLS, access }, claimed).map(({ policy, namesAnother }) => {
    const decision = decide(policy, STRANGER);
    return decision.verdict === 'allow'
      ? `${decision.rule.name}${namesAnother ? ' by name' : ''}`
      : undefined;
  });
}

t.test('pretencesTo() takes a policy once where it asks for nothing that a stranger says', async (t) => {
  const access = [rule('r', { allow: ['all'] })];
  const { names = {}, near = {} } = ACLS;
  t.equal(pretencesTo({ acls: { names, near }, access }, []).length, 1);
  t.equal(pretencesTo({ acls: { names, near }, access }, ['src']).length, 2, 'with and without its address');
});

t.test('pretencesTo() puts a stranger into no list of domains', async (t) => {
  t.notOk(words([rule('r', { allow: ['names'] })]).some((word) => word !== undefined));
});

// Attacks: no-open-proxy.
t.test('pretencesTo() has a stranger say what is asked for, and nothing else', async (t) => {
  const has = (word: string, options: Partial<RuleOptions>, claimed: readonly 'src'[] = []): boolean =>
    words([rule('r', options)], claimed).includes(word);
  t.ok(has('r', { allow: ['field'] }));
  t.ok(has('r', { allow: ['!field'] }));
  t.notOk(has('r', { allow: ['odd'] }), 'on another port');
  t.ok(has('r by name', { allow: ['server'] }));
  t.ok(has('r', { allow: ['!server'] }));
  t.notOk(has('r', { allow: ['server'] }), 'not without that name');
  t.ok(has('r by name', { allow: ['server', '!field'] }));
  t.ok(has('r', { allow: ['near', 'field'] }, ['src']));
  t.notOk(has('r', { allow: ['near', 'field'] }));
});

// Attacks: no-open-proxy.
t.test('pretencesTo() has a stranger say for each rule what leads past those before', async (t) => {
  const found = words([
    rule('no', { deny: ['!field'] }),
    rule('never', { deny: ['odd'] }),
    rule('first', { allow: ['odd', 'near'] }),
    rule('second', { allow: ['server', '!odd'] }),
  ]);
  t.ok(found.includes('second by name'));
});
