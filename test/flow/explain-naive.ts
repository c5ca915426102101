/**
 * What `weir explain` says, held to a second, naive judge: the verdict, the rule, and what every rule and every ACL was worth,
 * for random policies and requests. A name that is not resolved may lead anywhere: there the naive judge tries everywhere.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { compilePolicy } from '#acl/policy.ts';
import { parseIp } from '#net/ip.ts';
import { subjectOf } from '#study/question.ts';
import { type Trace, traceOf } from '#study/trace.ts';
import {
  isAddress,
  naiveLiteral,
  naiveMatch,
  naiveRule,
  type Request,
  type WrittenPolicy,
  writtenPolicies,
} from '../fixtures/naive-policy.ts';
import { parsedPolicy } from '../fixtures/written-policy.ts';

t.setTimeout(120_000);

const RUNS = 10_000;
const SEED = 20_261_123;

const NETWORKS = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.1.0.0/16',
  '93.184.216.34',
  '::/0',
  '2001:db8::/32',
  '255.255.255.0/24',
];
/** One in each part into which those networks divide all addresses. */
const ADDRESSES = [
  '10.0.0.1',
  '10.1.2.3',
  '93.184.216.34',
  '93.184.216.35',
  '255.255.255.7',
  '2001:db8::1',
  '2002::1',
];

const policies = writtenPolicies({
  networks: NETWORKS,
  clients: ['10.128.0.0/14', '10.128.0.7', '192.0.2.0/24', '2001:db8::/32'],
  domains: ['a.example', '.a.example', '*.a.example', 'example', '.b.example', 'xa.example'],
  ports: [80, 443, '1-79', '444-65535', 8443],
  ends: ['2026-11-01T00:00Z', '2027-01-01T00:00+08:00'],
  hours: ['00:00-12:00', '09:00-18:00', '22:00-06:00', '12:30-12:31', '00:00-24:00'],
});

const requests: fc.Arbitrary<Request> = fc
  .record({
    ip: fc.constantFrom('10.128.0.7', '10.131.255.255', '192.0.2.9', '203.0.113.1', '2001:db8::9'),
    listener: fc.constantFrom('main', 'side'),
    method: fc.constantFrom('CONNECT', 'GET', 'POST', 'TRACE'),
    user: fc.constantFrom('alice', 'carol', undefined),
    namespace: fc.constantFrom('api', 'db', undefined),
    host: fc.constantFrom(
      'a.example',
      'x.a.example',
      'xa.example',
      'b.example',
      'example',
      '10.1.2.3',
      '93.184.216.35',
    ),
    port: fc.constantFrom(80, 443, 8443, 22),
    at: fc
      .date({ min: new Date('2026-10-20'), max: new Date('2026-12-20'), noInvalidDate: true })
      .map(Number),
    address: fc.option(fc.constantFrom(...ADDRESSES), { nil: undefined, freq: 2 }),
  })
  .map((request) => (isAddress(request.host) ? { ...request, address: undefined } : request));

function explained(written: WrittenPolicy, request: Request): Trace {
  const { host, port, address } = request;
  const policy = parsedPolicy(written);
  const target = request.method === 'CONNECT' ? `${host}:${port}` : `http://${host}:${port}/`;
  const subject = {
    ...subjectOf({ ...request, target }),
    destination: address === undefined ? undefined : parseIp(address),
  };
  return traceOf({ policy: compilePolicy(policy, ''), acls: policy.acls, subject });
}

/** The rules of the trace up to the one that decides, against the naive judge. */
function assertRules(policy: WrittenPolicy, request: Request, { rules }: Trace): void {
  for (const [index, { matched, literals }] of rules.entries()) {
    const rule = policy.access[index];
    if (rule === undefined || literals.length === 0) continue;
    assert.equal(matched, naiveMatch(policy, rule, request) ?? null, `rule ${index}`);
    for (const { acl, value, because } of literals) {
      assert.equal(value, naiveLiteral(policy, acl, request), acl);
      assert.notEqual(because, '', 'and it says why');
    }
  }
}

/** How often each kind of verdict came, so that a test that never asks is seen. */
const seen = { allow: 0, deny: 0, 'needs-address': 0 };

function assertAgreement(policy: WrittenPolicy, request: Request): void {
  const trace = explained(policy, request);
  seen[trace.verdict] += 1;
  assertRules(policy, request, trace);
  const isKnown = request.address !== undefined || isAddress(request.host);
  const possible = isKnown ? [request] : ADDRESSES.map((address) => ({ ...request, address }));
  const verdicts = new Set(
    possible.map((one) => (naiveRule(policy, one)?.allow === undefined ? 'deny' : 'allow')),
  );
  assert.equal(trace.verdict, verdicts.size === 1 ? [...verdicts][0] : 'needs-address');
  if (isKnown) assertDecided(policy, request, trace);
  for (const { verdict, rule, address } of trace.outcomes) {
    const naive = naiveRule(policy, { ...request, address: address.text });
    assert.deepEqual(
      [verdict, rule?.name],
      [naive?.allow === undefined ? 'deny' : 'allow', naive?.name],
      address.text,
    );
  }
}

/** The one rule that decides, and that those behind it are not reached. */
function assertDecided(policy: WrittenPolicy, request: Request, { rule, rules }: Trace): void {
  assert.equal(rule?.name, naiveRule(policy, request)?.name);
  const unreached = rules.filter(({ literals }) => literals.length === 0).map((one) => one.rule);
  assert.deepEqual(
    unreached,
    rule === undefined ? [] : policy.access.slice(rule.index + 1).map(({ name }) => name),
  );
}

t.test(`explain agrees with a naive judge about ${RUNS} policies and requests`, async (t) => {
  fc.assert(fc.property(policies, requests, assertAgreement), { numRuns: RUNS, seed: SEED });
  for (const [verdict, count] of Object.entries(seen))
    t.ok(count > RUNS / 100, `${verdict} came ${count} times`);
});
