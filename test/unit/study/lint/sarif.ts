import t from 'tap';
import type { Finding } from '#study/lint/finding.ts';
import { FINDINGS } from '#study/lint/finding.ts';
import { sarifOf } from '#study/lint/sarif.ts';

const PROBLEM = {
  file: 'a b/t1.yaml',
  line: 3,
  column: 7,
  path: 'dns',
  message: 'Wrong',
  value: '5',
  fix: 'Write 6',
};

const FINDING: Finding = {
  file: '/etc/weir/t1.yaml',
  line: 4,
  column: 1,
  path: 'access[0].name',
  code: 'shadowed-rule',
  level: 'info',
  message: 'Shadowed',
  fix: 'Move it',
  witness: {
    client: '192.0.2.1',
    listener: 'main',
    method: 'CONNECT',
    target: 'a.com:443',
    at: '2026-11-28T00:00:00Z',
    text: 'CONNECT a.com:443',
  },
};

const log = JSON.parse(JSON.stringify(sarifOf([PROBLEM], [FINDING], '1.2.3')));

t.test('sarifOf() is a log of SARIF 2.1.0 with one run (sections 3.13, 3.14)', async (t) => {
  t.match(log.$schema, /^https:\/\/.*sarif-schema-2\.1\.0\.json$/);
  t.equal(log.version, '2.1.0');
  t.equal(log.runs.length, 1);
  t.equal(log.runs[0].columnKind, 'utf16CodeUnits');
});

t.test('sarifOf() describes each rule once, under an id of its own (sections 3.19, 3.49)', async (t) => {
  const { name, version, rules } = log.runs[0].tool.driver;
  t.same({ name, version }, { name: 'weir', version: '1.2.3' });
  t.same(
    rules.map(({ id }: { id: string }) => id),
    Object.keys(FINDINGS),
  );
  for (const { shortDescription, help, defaultConfiguration } of rules) {
    t.match(shortDescription.text, /\S/);
    t.match(help.text, /\S/);
    t.match(defaultConfiguration.level, /^(error|warning|note)$/);
  }
});

t.test('sarifOf() gives each result its rule, level, message and place (section 3.27)', async (t) => {
  const { results, tool } = log.runs[0];
  t.same(
    results.map(({ ruleId, level }: { ruleId: string; level: string }) => [ruleId, level]),
    [
      ['configuration', 'error'],
      ['shadowed-rule', 'note'],
    ],
  );
  for (const { ruleId, ruleIndex, locations } of results) {
    t.equal(tool.driver.rules[ruleIndex].id, ruleId);
    t.equal(locations.length, 1);
  }
  t.equal(results[0].message.text, 'Wrong. Write 6.');
  t.equal(results[1].message.text, 'Shadowed. Move it. For example: CONNECT a.com:443.');
});

t.test('sarifOf() names files by reference, and places from 1 (sections 3.4, 3.30)', async (t) => {
  interface Placed {
    readonly locations: readonly { readonly physicalLocation: object }[];
  }
  const places = log.runs[0].results.flatMap(({ locations }: Placed) =>
    locations.map(({ physicalLocation }) => physicalLocation),
  );
  t.same(places, [
    { artifactLocation: { uri: 'a%20b/t1.yaml' }, region: { startLine: 3, startColumn: 7 } },
    { artifactLocation: { uri: 'file:///etc/weir/t1.yaml' }, region: { startLine: 4, startColumn: 1 } },
  ]);
});

t.test('sarifOf() says how many results are left out', async (t) => {
  const { runs } = JSON.parse(JSON.stringify(sarifOf([], [{ ...FINDING, more: 3 }], '1.2.3')));
  t.equal(
    runs[0].results[0].message.text,
    'Shadowed. Move it. And 3 more of this kind. For example: CONNECT a.com:443.',
  );
});
