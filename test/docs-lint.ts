/** Holds docs/lint.md to the findings in both directions, and finds in each of its examples what it is an example of. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ConfigError } from '#config/problems.ts';
import { failedTests } from '#study/failed-tests.ts';
import { FINDINGS, type Finding } from '#study/lint/finding.ts';
import { lint } from '#study/lint/lint.ts';
import { lintTiers } from '#study/lint/tiers.ts';
import { firstTier, secondTier } from './fixtures/studied.ts';
import { codeIn, docsPage, rowsWith } from './fixtures/tables.ts';
import { Issuer } from './fixtures/tls.ts';

const NOW = Date.parse('2026-11-28T00:00Z');
const page = docsPage('lint.md');

t.test(
  'docs/lint.md has every finding with its level, in the order of the table, and no other',
  async (t) => {
    t.same(
      rowsWith(page, 'Code').map(({ Code, Level, Says }) => [codeIn(Code)[0], Level, Says]),
      Object.entries(FINDINGS).map(([code, { level, title }]) => [code, level, title]),
    );
  },
);

/** The certificates that examples name: those of both tiers are of ca.pem. They begin and end by the clock of the machine, and so who names them is judged by it. */
const issuer = await Issuer.open();
const other = await Issuer.open();
t.teardown(() => Promise.all([issuer, other].map((one) => one[Symbol.asyncDispose]())));
await Promise.all([
  issuer.issue('t1'),
  issuer.issue('old', { days: -1 }),
  issuer.issue('soon', { days: 3 }),
  issuer.issue('t2', { names: 'DNS:t2.example' }),
  cp(other.caFile, join(issuer.folder, 'other-ca.pem')),
]);

const examples = page
  .split(/^### /m)
  .slice(1)
  .map((text) => ({
    code: codeIn(text)[0],
    files: [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = '']) => yaml),
    besides: Object.fromEntries(
      [...text.matchAll(/^```text (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', content = '']) => [
        name,
        content,
      ]),
    ),
  }));

t.test('docs/lint.md has an example of every finding, once', async (t) => {
  t.same(examples.map(({ code }) => code).sort(), Object.keys(FINDINGS).sort());
});

interface Example {
  /** Configurations; the second may be the tests of the first. */
  readonly files: readonly string[];
  /** Files that they name. */
  readonly besides: Readonly<Record<string, string>>;
  readonly nowMs: number;
}

type Found = Pick<Finding, 'code' | 'witness'>;

/** Of a file that does not load, what check tells of each problem. */
async function findingsIn(t: Test, example: Example): Promise<readonly Found[]> {
  try {
    return await studied(t, example);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(() => ({ code: 'configuration' }));
  }
}

async function studied(t: Test, { files, besides, nowMs }: Example): Promise<readonly Found[]> {
  const [first = '', second] = files;
  const beside = t.testdir(besides);
  await cp(issuer.folder, beside, { recursive: true });
  const tier1 = await firstTier(first, beside);
  if (second === undefined) return lint(tier1, nowMs);
  if (second.startsWith('tests:')) {
    const folder = t.testdir({ 't1.yaml': '', 't1.test.yaml': second });
    return [...lint(tier1, nowMs), ...(await failedTests(join(folder, 't1.yaml'), tier1.config))];
  }
  const tier2 = await secondTier(second, beside);
  return [
    ...lint(tier1, nowMs),
    ...lint(tier2, nowMs),
    ...lintTiers(tier1, tier2, { nowMs, via: undefined }),
  ];
}

/** What says something of requests that there are. */
const SHOWN = ['unreachable-rule', 'shadowed-rule', 'refused-by-tier-2', 'narrowed-by-tier-2', 'loop'];

for (const { code = '', ...example } of examples) {
  t.test(`docs/lint.md tells the truth about ${code}`, async (t) => {
    const nowMs = example.files.some((yaml) => yaml.includes('.pem')) ? Date.now() : NOW;
    const found = await findingsIn(t, { ...example, nowMs });
    t.ok(found.length > 0);
    t.same([...new Set(found.map((finding) => finding.code))], [code], 'and of nothing else');
    for (const { witness } of found)
      t.equal(witness !== undefined, SHOWN.includes(code), 'an example request');
  });
}
