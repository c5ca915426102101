import t from 'tap';
import { couldAllow } from '#acl/could-allow.ts';
import { compilePolicy } from '#acl/policy.ts';
import type { Rule, RuleOptions } from '#acl/rule.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePortRange } from '#match/ports.ts';
import { parseHost } from '#net/host.ts';
import { networks } from '../../fixtures/subject.ts';

const TARGET = {
  method: 'GET',
  host: parseHost('deb.debian.org'),
  port: 80,
  requestUrl: 'http://deb.debian.org/',
};

function rule(options: Omit<RuleOptions, 'name'>): Rule {
  const acls = {
    debian: { dstDomains: [parseDomainPattern('.debian.org')] },
    ubuntu: { dstDomains: [parseDomainPattern('.ubuntu.com')] },
    pods: { src: networks('10.128.0.0/14') },
    debian_pods: {
      src: networks('10.128.0.0/14'),
      dstDomains: [parseDomainPattern('.debian.org')],
    },
    reads: { methods: ['GET'] },
    odd_port: { ports: [parsePortRange(8080)] },
  };
  const { rules } = compilePolicy({ acls, access: [{ name: 'a', ...options }] }, 'sha256:test');
  return rules[0] as Rule;
}

for (const [allow, isPossible] of [
  [['all'], true],
  [['!all'], false],
  [['debian'], true],
  [['ubuntu'], false],
  [['!debian'], false],
  [['!ubuntu'], true],
  [['pods'], true],
  [['!pods'], true],
  [['debian_pods'], true],
  [['!debian_pods'], true],
  [['debian', 'reads', 'pods'], true],
  [['debian', 'odd_port'], false],
] as const) {
  t.test(`allow [${allow}] ${isPossible ? 'may let' : 'never lets'} somebody get it`, async (t) => {
    t.equal(couldAllow(rule({ allow }), TARGET), isPossible);
  });
}

t.test('a rule that denies allows nobody', async (t) => {
  t.equal(couldAllow(rule({ deny: ['debian'] }), TARGET), false);
});
