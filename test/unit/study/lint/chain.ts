import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decide } from '#acl/decide.ts';
import { compilePolicy, type Policy, type PolicyOptions } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import { parsePattern } from '#match/patterns.ts';
import { parsePortRange } from '#match/ports.ts';
import type { Subject } from '#match/subject.ts';
import { Chain } from '#study/lint/chain.ts';
import { findRequest } from '#study/lint/witness.ts';
import { LISTENERS, policyOptions, REQUESTS } from '../../../fixtures/random-policy.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';
import { networks, subject } from '../../../fixtures/subject.ts';

t.setTimeout(120_000);

const NOW = Date.parse('2026-11-22T00:00Z');

/** Targets and moments; with each, every client and listener that asks for it. */
const byTarget = [...Map.groupBy(REQUESTS, ({ client, listener, ...rest }) => JSON.stringify(rest)).values()]
  .map((parts) => parts.map(subject))
  .filter(([first]) => first?.destination !== undefined || first?.host.kind === 'ip');

function configOf(policy: PolicyOptions, parts: object = {}): Config {
  const listeners = LISTENERS.map((name) => ({ name, host: '127.0.0.1', port: 3128 }));
  const routes = [{ name: 'out', when: [], peers: ['vm'], direct: false }];
  const rest = { peers: {}, hash: 'test', hop: { trustFrom: undefined } };
  return { policy, listeners, routes, ...rest, ...parts } as unknown as Config;
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

/** Names of the rules of each conflict, with the first request of what it is about that the check holds for. */
function conflictsOf(
  first: Config,
  second: Config,
  via?: string,
): [pair: string, request: string | undefined][] {
  const chain = new Chain(first, second, { nowMs: NOW, via: via === undefined ? undefined : networks(via) });
  return [...chain.conflicts()].map((conflict) => {
    const { allowing, refusing, region } = conflict;
    const [here, there] =
      findRequest(chain.space, region, (subjects) => chain.shows(conflict, subjects)) ?? [];
    const request = here && `${here.port} at ${there?.listener} from ${there?.clientAddress.text}`;
    return [`${allowing.rule.name} ${refusing?.rule.name}`, request];
  });
}

const PORTS = { tls: { ports: [parsePortRange(443)] }, web: { ports: [parsePortRange(80)] } };
const ALL: PolicyOptions = { acls: PORTS, access: [{ name: 'any', allow: ['all'] }] };
const NOTHING_ALLOWED: PolicyOptions = {
  acls: { src: { src: networks('10.0.0.0/8') }, ...PORTS },
  access: [],
};

t.test('Chain follows the first route that holds, and none that leads past tier 2', async (t) => {
  const out = { name: 'out', when: [], peers: ['vm'], direct: false };
  const past = { name: 'past', when: ['!web'], peers: [], direct: true };
  t.same(conflictsOf(configOf(ALL, { routes: [past, out] }), configOf(NOTHING_ALLOWED), '10.0.0.0/8'), [
    ['any undefined', '80 at main from 10.0.0.1'],
  ]);
  t.same(conflictsOf(configOf(ALL, { routes: [] }), configOf(NOTHING_ALLOWED), '10.0.0.0/8'), []);
});

t.test('Chain takes for tier 1 what tier 2 trusts, and anybody where it trusts by nothing', async (t) => {
  const trusting = configOf(NOTHING_ALLOWED, { hop: { trustFrom: ['src'] } });
  t.same(conflictsOf(configOf(ALL), trusting), [['any undefined', '443 at main from 10.0.0.1']]);
  t.same(conflictsOf(configOf(ALL), configOf(NOTHING_ALLOWED)), [
    ['any undefined', '443 at main from 192.0.2.1'],
  ]);
});

t.test('Chain looks at the listeners of tier 2 that tier 1 dials', async (t) => {
  const peers = { vm: { address: { port: 3129 } } };
  const listeners = [3128, 3129].map((port) => ({ name: `p${port}`, host: '127.0.0.1', port }));
  const second = configOf(NOTHING_ALLOWED, { listeners });
  t.same(conflictsOf(configOf(ALL, { peers }), second, '10.0.0.0/8'), [
    ['any undefined', '443 at p3129 from 10.0.0.1'],
  ]);
  t.same(conflictsOf(configOf(ALL), second, '10.0.0.0/8'), [['any undefined', '443 at p3128 from 10.0.0.1']]);
});

t.test('Chain.shows() asks the policies themselves for rule, route and trust', async (t) => {
  const odd = { ...PORTS, odd: { dstDomainRegex: [parsePattern('never')] } };
  const all: PolicyOptions = { acls: odd, access: [{ name: 'any', allow: ['all'] }] };
  const none: PolicyOptions = { acls: odd, access: [] };
  const routes = [{ name: 'out', when: ['odd'], peers: ['vm'], direct: false }];
  const notShown = [['any undefined', undefined]];
  t.same(conflictsOf(configOf(all, { routes }), configOf(none), '10.0.0.0/8'), notShown);
  t.same(conflictsOf(configOf(all), configOf(none, { hop: { trustFrom: ['odd'] } })), notShown);
  const some: PolicyOptions = { acls: odd, access: [{ name: 'some', allow: ['odd'] }] };
  t.same(conflictsOf(configOf(some), configOf(none), '10.0.0.0/8'), [['some undefined', undefined]]);
});

t.test('Chain asks as tier 1 where tier 2 trusts nobody whom that can be', async (t) => {
  const peer = 'peers: { p: { address: "t2.test:3128" } }\nroutes: [{ name: out, peers: [p] }]';
  const first = await firstTier(`access: [{ name: a, allow: [all] }]\n${peer}`);
  const second = await secondTier(
    'acls: { net: { src: [10.0.0.0/8] } }\naccess: [{ name: r, allow: [net, "!net"] }]\nhop: { trust: { from: [net, "!net"] } }',
  );
  const chain = new Chain(first.config, second.config, { nowMs: NOW, via: undefined });
  t.equal([...chain.conflicts()].length, 1);
});
