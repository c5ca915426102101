import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decide } from '#acl/decide.ts';
import { compilePolicy, type Policy, type PolicyOptions } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import type { Subject } from '#match/subject.ts';
import { Chain } from '#study/lint/chain.ts';
import { findRequest } from '#study/lint/witness.ts';
import { LISTENERS, policyOptions, REQUESTS } from '../../../fixtures/random-policy.ts';
import { networks, subject } from '../../../fixtures/subject.ts';

const NOW = Date.parse('2026-11-22T00:00Z');

/** Targets and moments; with each, every client and listener that asks for it. */
const byTarget = [...Map.groupBy(REQUESTS, ({ client, listener, ...rest }) => JSON.stringify(rest)).values()]
  .map((parts) => parts.map(subject))
  .filter(([first]) => first?.destination !== undefined || first?.host.kind === 'ip');

function configOf(policy: PolicyOptions): Config {
  const listeners = LISTENERS.map((name) => ({ name, host: '127.0.0.1', port: 3128 }));
  const routes = [{ name: 'out', when: [], peers: ['vm'], direct: false }];
  return {
    policy,
    listeners,
    routes,
    peers: {},
    hash: 'test',
    hop: { trustFrom: undefined },
  } as unknown as Config;
}

/** Names of the rules of one verdict that decide any of them. */
function deciding(policy: Policy, verdict: 'allow' | 'deny', asked: readonly Subject[]): Set<string> {
  const decisions = asked
    .map((each) => decide(policy, each))
    .filter((decision) => decision.verdict === verdict);
  return new Set(decisions.map((decision) => ('rule' in decision && decision.rule?.name) || 'none'));
}

/** The pairs of rules that conflict, found by asking both tiers for everything. */
function bruteForce(first: PolicyOptions, second: PolicyOptions): Set<string> {
  const policies = [compilePolicy(first, '1'), compilePolicy(second, '2')] as const;
  const pairs = new Set<string>();
  for (const asked of byTarget) {
    const inside = asked.filter(({ clientAddress: { text } }) => text.startsWith('10.'));
    for (const allowing of deciding(policies[0], 'allow', asked)) {
      for (const refusing of deciding(policies[1], 'deny', inside)) pairs.add(`${allowing} ${refusing}`);
    }
  }
  return pairs;
}

t.test(
  'Chain finds the conflicts that asking for everything finds, and no other, each with a request',
  async () => {
    fc.assert(
      fc.property(policyOptions, policyOptions, (first, second) => {
        const chain = new Chain(configOf(first), configOf(second), {
          nowMs: NOW,
          via: networks('10.0.0.0/8'),
        });
        const found = [...chain.conflicts()];
        for (const conflict of found) {
          assert(findRequest(chain.space, conflict.region, (subjects) => chain.shows(conflict, subjects)));
        }
        const pairs = found.map(
          ({ allowing, refusing }) => `${allowing.rule.name} ${refusing?.rule.name ?? 'none'}`,
        );
        assert.deepEqual(pairs.sort(), [...bruteForce(first, second)].sort());
      }),
      { seed: 4, numRuns: 60 },
    );
  },
);
