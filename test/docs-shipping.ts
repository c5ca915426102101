/** Holds docs/log-shipping.md to the formats and to the fields that are rendered, in both directions. */
import t from 'tap';
import { renderEcs } from '#record/render-ecs.ts';
import { RENDERINGS } from '#record/renderings.ts';
import { fullRecord } from './fixtures/records.ts';
import { codeIn, docsPage, rowsWith } from './fixtures/tables.ts';

const page = docsPage('log-shipping.md');

/** Every field that a record may have in ECS: with a peer and without one. */
const rendered = [fullRecord(), fullRecord({ peer: undefined })].flatMap((entry) =>
  Object.keys(JSON.parse(renderEcs(entry))),
);

t.test('docs/log-shipping.md has every format, and no other', async (t) => {
  const formats = rowsWith(page, 'Format').flatMap((row) => codeIn(row.Format));
  t.same(formats, Object.keys(RENDERINGS));
});

t.test('docs/log-shipping.md has every field of ECS that a record has, and no other', async (t) => {
  const documented = rowsWith(page, 'ECS field').flatMap((row) => codeIn(row['ECS field']));
  t.ok(documented.length > 40, 'the table was read');
  t.same(documented.sort(), [...new Set(rendered)].sort());
});
