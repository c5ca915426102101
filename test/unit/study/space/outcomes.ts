import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decide } from '#acl/decide.ts';
import type { Decision } from '#acl/decision.ts';
import { compilePolicy, type PolicyOptions } from '#acl/policy.ts';
import { evaluateRule } from '#acl/rule.ts';
import { Tri } from '#match/tri.ts';
import { type Outcomes, outcomesOf } from '#study/space/outcomes.ts';
import { EVERYTHING, NOTHING, type Region } from '#study/space/regions.ts';
import { Space } from '#study/space/space.ts';
import { LISTENERS, policyOptions, REQUESTS } from '../../../fixtures/random-policy.ts';
import { subject } from '../../../fixtures/subject.ts';

t.setTimeout(120_000);

const NOW = Date.parse('2026-11-22T00:00Z');
const asked = REQUESTS.map((parts) => subject(parts));

/** Index of the rule that decides; -1: no rule, undefined: the address is needed. */
function indexOf(decision: Decision): number | undefined {
  return decision.verdict === 'needs-address' ? undefined : (decision.rule?.index ?? -1);
}

function regionOf({ rules, rest }: Outcomes, index: number): Region {
  return index < 0 ? rest : (rules[index]?.decides ?? NOTHING);
}

function spaceOf(policy: PolicyOptions): Space {
  return new Space([{ policy, listeners: LISTENERS }], NOW);
}

t.test('outcomesOf() has a request for a rule where there is one, and only there', async () => {
  fc.assert(
    fc.property(policyOptions, (options) => {
      const policy = compilePolicy(options, 'test');
      const outcomes = outcomesOf(spaceOf(options), 0);
      const found = new Set(asked.map((each) => indexOf(decide(policy, each))));
      for (const index of [-1, ...policy.rules.keys()]) {
        assert.equal(regionOf(outcomes, index) !== NOTHING, found.has(index), `rule ${index}`);
      }
      for (const rule of policy.rules) {
        const holds = asked.some((each) => evaluateRule(rule, each) === Tri.True);
        assert.equal(outcomes.rules[rule.index]?.holds !== NOTHING, holds, `rule ${rule.index} holds`);
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

t.test(
  'outcomesOf() has every request in the region of the rule that decides it, and in no other',
  async () => {
    fc.assert(
      fc.property(policyOptions, fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (options, numbers) => {
        const space = spaceOf(options);
        const { regions, possible } = space;
        const policy = compilePolicy(options, 'test');
        const outcomes = outcomesOf(space, 0);
        for (const shift of numbers.keys()) {
          const member = space.sizes.map(
            (size, i) => ((numbers[(i + shift) % numbers.length] as number) + shift) % size,
          );
          const slabs = member.map((index, dimension) => regions.slab(dimension, new Set([index])));
          const point = regions.and(...slabs);
          if (regions.and(possible, point) === NOTHING) continue;
          const question = space.requestsIn(point).next().value?.[0];
          assert(question !== undefined);
          const index = indexOf(decide(policy, question));
          for (const each of [-1, ...policy.rules.keys()]) {
            const isIn = regions.and(regionOf(outcomes, each), point) !== NOTHING;
            assert.equal(isIn, each === index, `rule ${each} of ${JSON.stringify(member)}`);
          }
        }
      }),
      { seed: 2, numRuns: 300 },
    );
  },
);

t.test('outcomesOf() divides all requests with a known address among the rules and the rest', async () => {
  fc.assert(
    fc.property(policyOptions, (options) => {
      const space = spaceOf(options);
      const { regions, possible, resolved } = space;
      const { rules, rest } = outcomesOf(space, 0);
      const all = regions.or(rest, ...rules.map(({ decides }) => decides));
      assert.equal(regions.and(all, resolved), regions.and(possible, resolved));
      assert.notEqual(all, EVERYTHING);
    }),
    { seed: 3, numRuns: 100 },
  );
});

t.test(
  'outcomesOf() knows that TRACE is allowed by name alone, that rules end, and that some only report',
  async (t) => {
    const until = Date.parse('2026-12-01T00:00Z');
    const space = spaceOf({
      acls: { trace: { methods: ['TRACE'] }, tls: { ports: [{ first: 443, last: 443, text: '443' }] } },
      access: [
        { name: 'watch', allow: ['tls'], mode: 'report' },
        { name: 'soon', deny: ['tls'], until },
        { name: 'trace', allow: ['trace', 'tls'] },
        { name: 'not-trace', allow: ['!trace'] },
        { name: 'any', allow: ['all'] },
      ],
    });
    const { rules, rest } = outcomesOf(space, 0);
    const { regions, possible, trace } = space;
    t.same(
      rules.map(({ action, literals, reportsOnly }) => [action, literals.join(), reportsOnly]),
      [
        ['allow', 'tls', true],
        ['deny', 'tls', false],
        ['allow', 'trace,tls', false],
        ['allow', '!trace', false],
        ['allow', 'all', false],
      ],
    );
    t.equal(rules[1]?.decides, regions.and(possible, space.acl(0, 'tls').isTrue, space.before(until)));
    const afterwards = regions.minus(regions.and(trace, space.acl(0, 'tls').isTrue), space.before(until));
    t.equal(rules[2]?.decides, regions.and(possible, afterwards));
    t.equal(rules[4]?.decides, NOTHING);
    t.equal(regions.minus(rest, trace), NOTHING, 'only a TRACE is left over');
    t.not(rest, NOTHING);
  },
);

t.test('outcomesOf() takes an empty list for no list, as rules do', async (t) => {
  const space = spaceOf({ acls: {}, access: [{ name: 'r', allow: [], deny: ['all'] }] });
  const { rules, rest } = outcomesOf(space, 0);
  t.match(rules, [{ action: 'deny', literals: ['all'], decides: space.possible }]);
  t.equal(rest, NOTHING);
});
