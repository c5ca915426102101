/**
 * Holds docs/security.md to the tests and to the code, in both directions: a test that attacks a promise is on the page, and what the
 * page names is such a test; every bound that the code names is in its table, with the value that it has.
 */
import t from 'tap';
import { schemasAt } from '#config/json-schema.ts';
import { REASONS } from '#errors.ts';
import { ASSERTION_RESULTS } from '#hop/results.ts';
import { constantIn, namedBounds, quantityIn } from './fixtures/bounds.ts';
import {
  type Attack,
  attacksIn,
  attacksOn,
  linkIn,
  markedAttacks,
  PROMISES,
  projectFile,
  promisesOf,
} from './fixtures/promises.ts';
import { codeIn, docsPage, type Row, rowsWith } from './fixtures/tables.ts';

const page = docsPage('security.md');

const textOf = ({ promise, file, title }: Attack): string => `${promise}: ${file}: ${title}`;
const textsOf = (attacks: readonly Attack[]): string[] => attacks.map(textOf).sort();
const marked = textsOf(markedAttacks());

t.test('docs/security.md has every promise, in the order of the list, and no other', async (t) => {
  t.same(
    promisesOf(page).map(({ promise }) => promise),
    Object.values(PROMISES),
  );
});

t.test('docs/security.md has every test that attacks a promise, and no other', async (t) => {
  t.ok(marked.length > 150, 'the tests were read');
  t.same(textsOf(attacksOn(page)), marked);
});

for (const promise of Object.values(PROMISES)) {
  t.test(`docs/security.md has an attack on: ${promise}`, async (t) => {
    t.ok(attacksOn(page).some((attack) => attack.promise === promise));
  });
}

t.test('a row that is gone, a test of another name and one without its mark are seen', async (t) => {
  const file = 'test/flow/guard.ts';
  const source = projectFile(file);
  const known = textsOf(attacksIn(file, source));
  t.ok(known.length > 0 && known.every((attack) => marked.includes(attack)));
  const rows = page.split('\n').filter((line) => !line.includes(`](../${file})`));
  t.notSame(textsOf(attacksOn(rows.join('\n'))), marked, 'a row');
  const renamed = source.replace('own listeners and the admin address', 'own listeners');
  t.notSame(textsOf(attacksIn(file, renamed)), known, 'a name');
  const unmarked = source.replace(/^ *\/\/ Attacks: .*\n/m, '');
  t.notSame(textsOf(attacksIn(file, unmarked)), known, 'a mark');
  const astray = source.replace('\nt.test(', '\n// Attacks: no-dial.\n\nconst x = 1;\nt.test(');
  t.throws(() => attacksIn(file, astray), /stands above something that is no test/);
  t.throws(
    () => attacksIn(file, source.replace('// Attacks: ', '// Attacks: no-such, ')),
    /no promise is called/,
  );
  t.throws(() => attacksIn(file, source.replace(/(Attacks: .*\n *)t\.test\(/, '$1t.skip(')), /is no test/);
});

for (const { Attack: attack = '', Case, File } of rowsWith(page, 'Case')) {
  t.test(`docs/security.md names the test of an attack: ${attack}`, async (t) => {
    const file = linkIn(File);
    t.ok(attacksIn(file, projectFile(file)).length > 0, 'in a file that attacks a promise');
    const cases = codeIn(Case);
    t.ok(cases.length > 0);
    for (const one of cases) t.match(projectFile(file), new RegExp(`['\`]${RegExp.escape(one)}`), one);
  });
}

const bounds = rowsWith(page, 'Set by');
const nameOf = (row: Row): string => codeIn(row['Set by'])[0] ?? '';

t.test('docs/security.md has every bound that the code names', async (t) => {
  const named = namedBounds();
  t.ok(named.length > 40, 'the code was read');
  const rows = bounds.map((row) => `${linkIn(row['Set by'])} ${nameOf(row)}`);
  t.same(
    named.filter((bound) => !rows.includes(bound)),
    [],
  );
  t.same([...new Set(rows)], rows, 'each once');
});

for (const row of bounds) {
  const name = nameOf(row);
  t.test(`docs/security.md tells the truth about the bound ${name} of ${row.Bound}`, async (t) => {
    const file = linkIn(row['Set by']);
    if (file === '') {
      const path = name.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), 0] : [step]));
      const schema = schemasAt(path).find(({ description }) => description !== undefined);
      t.ok(schema, 'a key of the configuration');
      t.equal(codeIn(row.Limit)[0], schema?.default, 'its default');
    } else t.equal(quantityIn(row.Limit), constantIn(file, name) * (name.endsWith('_S') ? 1000 : 1));
    t.match(row['When it is reached'], /^\S.*[^.]$/);
  });
}

t.test('docs/security.md names only metrics and reasons that there are', async (t) => {
  const metrics = new Set(rowsWith(docsPage('metrics.md'), 'Metric').map(({ Metric }) => codeIn(Metric)[0]));
  const named = codeIn(page.replaceAll(/^\| `.*$/gm, ''));
  const known = (word: string): boolean =>
    metrics.has(word) || Object.hasOwn(REASONS, word) || ASSERTION_RESULTS.some((result) => result === word);
  const words = named.filter((word) => /^[a-z]+(?:_[a-z]+)+$/.test(word));
  t.ok(words.length > 20);
  t.same(
    words.filter((word) => !known(word)),
    [],
  );
});
