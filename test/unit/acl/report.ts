import t from 'tap';
import { authorise } from '#acl/permit.ts';
import { reportsOf } from '#acl/report.ts';
import type { RuleOptions } from '#acl/rule.ts';
import { allow, deny, policy } from '../../fixtures/policy.ts';
import { ip, type SubjectParts, subject } from '../../fixtures/subject.ts';

const report = (rule: RuleOptions): RuleOptions => ({ ...rule, mode: 'report' });

const CASES: readonly [title: string, access: RuleOptions[], parts: SubjectParts, expected: string[]][] = [
  [
    'notes a rule that holds before the one that decides',
    [report(deny('pods')), allow('all')],
    {},
    ['deny pods'],
  ],
  [
    'notes all of them',
    [report(deny('pods')), report(allow('tls')), allow('all')],
    {},
    ['deny pods', 'allow tls'],
  ],
  ['leaves out those behind the one that decides', [allow('all'), report(deny('pods'))], {}, []],
  ['leaves out those that do not hold', [report(deny('!tls')), allow('all')], {}, []],
  ['notes all where no rule decides', [report(allow('pods')), deny('!tls')], {}, ['allow pods']],
  [
    'notes what is unknown as its action has it',
    [report(deny('microsoft')), report(allow('microsoft')), allow('all')],
    { host: '10.0.0.1' },
    ['deny microsoft'],
  ],
  ['leaves out one that has expired', [{ ...report(deny('pods')), until: 0 }, allow('all')], {}, []],
  ['leaves out one that needs an address', [report(deny('private')), allow('all')], {}, []],
  [
    'judges the address in the request',
    [report(deny('private')), allow('all')],
    { host: '10.0.0.1' },
    ['deny private'],
  ],
];

for (const [title, access, parts, expected] of CASES) {
  t.test(`reportsOf() ${title}`, async (t) => {
    const compiled = policy(...access);
    const asked = subject(parts);
    const word = authorise(compiled, asked);
    const rule = word === 'needs-address' ? undefined : word.rule;
    const reports = reportsOf(compiled, asked, { rule, addresses: undefined });
    t.same(
      reports.map((one) => one.rule),
      expected,
    );
    for (const one of reports) t.ok(one.rule.startsWith(one.verdict));
  });
}

t.test('reportsOf() judges each address once they are known', async (t) => {
  const compiled = policy(report(deny('private')), allow('all'));
  const rule = compiled.rules[1];
  const noted = (...addresses: string[]) =>
    reportsOf(compiled, subject(), { rule, addresses: addresses.map(ip) });
  t.same(noted('93.184.216.34', '10.0.0.1'), [{ rule: 'deny private', verdict: 'deny' }]);
  t.same(noted('93.184.216.34'), []);
  t.same(noted(), []);
});
