/**
 * `node bench/micro/acl/decide.ts [--domains=N] [--json] [--once]`: one decision of a policy with long lists of domains and networks.
 * First proves that the answers are right.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { decide } from '#acl/decide.ts';
import { compilePolicy } from '#acl/policy.ts';
import { parsePortRange } from '#match/ports.ts';
import { maskOf } from '#net/ip.ts';
import { domainPatterns, randomNetworks } from '../lists.ts';
import { measure } from '../measure.ts';
import { subjectsFor } from '../subjects.ts';

const { values } = parseArgs({
  options: {
    domains: { type: 'string', default: '100000' },
    json: { type: 'boolean' },
    once: { type: 'boolean' },
  },
});
const DOMAINS = Number(values.domains);
const NETWORKS = 10_000;
/** Subjects whose answers are proven the slow way. */
const PROVEN = 64;

const networks = randomNetworks(NETWORKS);
const patterns = domainPatterns(DOMAINS);
const policy = compilePolicy(
  {
    acls: {
      safe_ports: { ports: [80, 443, '1025-65535'].map(parsePortRange) },
      tls_ports: { ports: [parsePortRange(443)] },
      connect: { methods: ['CONNECT'] },
      clients: { src: networks },
      listed: { dstDomains: patterns },
    },
    access: [
      { name: 'unsafe-port', deny: ['!safe_ports'] },
      { name: 'connect-not-tls', deny: ['connect', '!tls_ports'] },
      { name: 'listed', allow: ['clients', 'listed'] },
    ],
  },
  '',
);
const subjectAt = subjectsFor(DOMAINS, networks);

for (let index = 0; index < PROVEN; index += 1) {
  const { host, clientAddress } = subjectAt(index);
  const isListed = patterns.some(
    ({ name, reach }) => host.text === name || (reach !== 'itself' && host.text.endsWith(`.${name}`)),
  );
  const isClient = networks.some(
    ({ address, prefixLength }) => ((address.w0 ^ clientAddress.w0) & maskOf(prefixLength)) === 0,
  );
  assert.equal(isListed, index % 2 === 0);
  assert.equal(decide(policy, subjectAt(index)).verdict, isListed && isClient ? 'allow' : 'deny');
}

measure(`decision over ${DOMAINS} domains and ${NETWORKS} networks`, [
  {
    name: 'decide(), 3 rules over the lists',
    call: (index) => decide(policy, subjectAt(index)).verdict === 'allow',
  },
]);
