import { join } from 'node:path';
import t from 'tap';
import { vet } from '#acl/guard.ts';
import { authorise, isPermit } from '#acl/permit.ts';
import { subjectOf } from '#study/question.ts';
import { openTier, placeOfRule, tierInForce } from '#study/tier.ts';
import { ip } from '../../fixtures/subject.ts';
import { openTestTier, tierYaml } from '../../fixtures/tier.ts';

t.test('openTier() knows the rules, and where they stand', async (t) => {
  const tier = await openTestTier(t);
  t.same(
    tier.policy.rules.map((rule) => placeOfRule(tier, rule)),
    [10, 45].map((column) => ({ file: tier.file, line: 4, column })),
  );
  t.equal(tier.policy.hash, tier.config.hash);
});

t.test('openTier() has the guard of its own ports', async (t) => {
  const tier = await openTestTier(t, {
    admin: '{ address: 0.0.0.0:9128 }',
    access: '[{ name: all, allow: [all] }]',
    guard: '{ allow: [127.0.0.0/8] }',
  });
  const permit = authorise(tier.policy, subjectOf({ ip: '10.128.0.7', target: 'a.example:9128' }));
  if (!isPermit(permit)) throw new Error('it is allowed');
  const { refused } = vet(tier.guard, { permit, addresses: [ip('127.0.0.1')], port: 9128 });
  t.match(refused, [{ why: 'own listener' }]);
});

t.test('openTier() complains of a file that cannot be used', async (t) => {
  await t.rejects(openTier(`${t.testdir({})}/gone.yaml`), { name: 'ConfigError' });
});

t.test('openTier() does without secrets where it is told to', async (t) => {
  const file = join(
    t.testdir({ 't.yaml': tierYaml({ hop: '{ assert: { keyFile: gone.key } }' }) }),
    't.yaml',
  );
  t.match((await openTier(file, { secrets: false })).config.hop.assert, { keys: [] });
  await t.rejects(openTier(file), { name: 'ConfigError' });
});

t.test('tierInForce() takes what serves as it is, and compiles what is not given', async (t) => {
  const { config, policy, routes, guard } = await openTestTier(t);
  const whole = tierInForce({ config, policy, routes, guard });
  t.equal(whole.policy, policy);
  t.equal(whole.guard, guard);
  const compiled = tierInForce({ config });
  t.not(compiled.policy, policy);
  t.same(
    compiled.policy.rules.map(({ name }) => name),
    policy.rules.map(({ name }) => name),
  );
  for (const tier of [whole, compiled]) {
    t.match(placeOfRule(tier, { index: 0 }), { file: 'in force' }, 'its file may be another by now');
  }
});
