/** Holds docs/errors.md to the table of reasons, cell by cell and in both directions. */
import t from 'tap';
import { REASONS } from '#errors.ts';
import { docsPage, rowsWith } from './fixtures/tables.ts';

const rows = rowsWith(docsPage('errors.md'), 'Hint');
const known = Object.entries(REASONS).map(([reason, facts]) => ({
  Reason: `\`${reason}\``,
  Status: facts.status === 0 ? 'none' : String(facts.status),
  'Error type': facts.type === undefined ? 'none' : `\`${facts.type}\``,
  Source: facts.source,
  Outcome: `\`${facts.outcome}\``,
  'Next peer': facts.retryable ? 'yes' : 'no',
  Phrase: facts.phrase,
  Hint: facts.hint,
}));

t.test('docs/errors.md has every reason, in the order of the table, and no other', async (t) => {
  t.ok(known.length > 30, 'the table was read');
  t.same(
    rows.map(({ Reason }) => Reason),
    known.map(({ Reason }) => Reason),
  );
});

for (const expected of known) {
  t.test(`docs/errors.md tells the truth about ${expected.Reason}`, async (t) => {
    t.strictSame(
      rows.find(({ Reason }) => Reason === expected.Reason),
      expected,
    );
  });
}

t.test('docs/errors.md says what each of its columns means', async (t) => {
  const columns = rowsWith(docsPage('errors.md'), 'Column').map(({ Column }) => Column);
  t.same(columns, Object.keys(known[0] ?? {}));
});
