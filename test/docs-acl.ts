/** Runs every command of docs/acl.md and compares what it prints, and holds its tables to the schema of policy tests. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { jsonSchemaOf } from '#config/json-schema.ts';
import { runTestFile } from '#study/policy-tests.ts';
import { testSchema } from '#study/test-schema.ts';
import { openTier } from '#study/tier.ts';
import { run } from './fixtures/run.ts';
import { codeIn, docsPage, rowsWith } from './fixtures/tables.ts';

const ROOT = join(import.meta.dirname, '..');
const page = docsPage('acl.md');

const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );

const consoles = blocks('console');
t.ok(consoles.length >= 5, 'the page was read');

for (const text of consoles) {
  const [command = '', ...output] = text.split('\n');
  t.test(`docs/acl.md tells what ${command} prints`, async (t) => {
    const cwd = t.testdir({});
    symlinkSync(join(ROOT, 'examples'), join(cwd, 'examples'));
    const env = { PATH: `${join(ROOT, 'bin')}:${process.env.PATH}` };
    const { stdout, stderr } = await run('/bin/sh', ['-c', command.replace(/^\$ /, '')], { cwd, env });
    t.same((stderr + stdout).split('\n'), output);
  });
}

t.test('docs/acl.md has tests that pass', async (t) => {
  const tier = await openTier(join(ROOT, 'examples/t1.yaml'));
  const [, yaml = ''] = blocks('yaml');
  const { results } = await runTestFile(join(t.testdir({ 't.test.yaml': yaml }), 't.test.yaml'), tier);
  t.same(
    results.map(({ passed }) => passed),
    [true, true],
  );
});

/** What a server may take for something that was not written, and what it may not. */
const ODD = ['/%61dmin', '//admin', '/./admin', '/x/../admin', '/x/..', '/x/..?y', '/\\\\admin'];
const EVEN = ['', '/', '/admin', '/.well-known/x', '/a..b', '/?u=http://b//%41/../'];

t.test('docs/acl.md has an ACL that finds odd spellings of URLs, and nothing else', async (t) => {
  const [acls = ''] = blocks('yaml');
  const access = 'access: [{ name: odd, deny: [odd_url] }, { name: rest, allow: [all] }]';
  const asked = (target: string, verdict: string): string =>
    `  - { name: t, from: { ip: 127.0.0.1 }, target: "${target}", expect: { verdict: ${verdict} } }`;
  const tests = [
    'tests:',
    ...ODD.map((path) => asked(`http://a.example:8080${path}`, 'deny')),
    ...EVEN.map((path) => asked(`http://a.example${path}`, 'allow')),
    asked('a.example:443', 'allow'),
  ];
  const folder = t.testdir({
    'odd.yaml': `name: t1
listeners: [{ name: main, address: 127.0.0.1:0 }]
${acls}${access}
routes: [{ name: internet, direct: true }]
`,
    'odd.test.yaml': tests.join('\n'),
  });
  const tier = await openTier(join(folder, 'odd.yaml'));
  const { results } = await runTestFile(join(folder, 'odd.test.yaml'), tier);
  t.equal(results.length, ODD.length + EVEN.length + 1);
  t.same(
    results.filter(({ passed }) => !passed).map(({ test }) => test.target),
    [],
  );
});

t.test('docs/acl.md has every key of a policy test, once, and no other', async (t) => {
  const test = jsonSchemaOf(testSchema).properties?.tests?.items;
  const known = Object.entries(test?.properties ?? {}).flatMap(([name, { properties }]) =>
    properties === undefined ? [name] : Object.keys(properties).map((key) => `${name}.${key}`),
  );
  t.ok(known.length > 10, 'the schema was read');
  const rows = rowsWith(page, 'Key').flatMap(({ Key }) => codeIn(Key));
  t.same(rows.toSorted(), known.map((key) => `tests[].${key}`).toSorted());
});
