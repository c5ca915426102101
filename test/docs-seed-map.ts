/**
 * docs/seed-map.md: every node of the charts that Weir grew from, with a file that there is and a test that there is. The labels are in
 * a fixture, since those documents are not in the repository.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import nodes from './fixtures/seed-nodes.json' with { type: 'json' };
import { docsPage, type Row, rowsWith } from './fixtures/tables.ts';

const ROOT = join(import.meta.dirname, '..');
const NODES: Readonly<Record<string, readonly string[]>> = nodes;
const PAGE = docsPage('seed-map.md');

/** Rows of each part of the page, by its heading without what it means. */
const PARTS = new Map(
  PAGE.split(/^### /m)
    .slice(1)
    .map((text) => [headingOf(text), rowsWith(text, 'Node')]),
);

function headingOf(text: string): string {
  const [line = ''] = text.split('\n');
  return line.slice(0, line.lastIndexOf(': ')).replace(/^\w/, (letter) => letter.toLowerCase());
}

interface Shown {
  readonly file: string;
  readonly title: string;
}

/** Tests in a cell: a file, then titles of its tests. */
function shownBy(cell: string): readonly Shown[] {
  let file = '';
  return [...cell.matchAll(/`([^`]+)`(:?)/g)].flatMap(([, text = '', colon]) => {
    if (colon === ':') {
      file = text;
      return [];
    }
    return [{ file, title: text }];
  });
}

const textOf = (file: string): string =>
  existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : '';

/** Whether the file has a text that is this and nothing else. */
const hasTitle = ({ file, title }: Shown): boolean =>
  ["'", '"', '`'].some((quote) => textOf(file).includes(`${quote}${title}${quote}`));

/** What is wrong with a row. */
function complaints({ 'Realised by': realised = '', 'Shown by': shown = '', Means = '' }: Row): string[] {
  const files = [...realised.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
  const tests = shownBy(shown);
  return [
    ...(Means === '' ? ['it does not say what it means'] : []),
    ...(files.length === 0 ? ['no file'] : []),
    ...(tests.length === 0 ? ['no test'] : []),
    ...files.filter((file) => !existsSync(join(ROOT, file))).map((file) => `there is no ${file}`),
    ...tests.filter((test) => !hasTitle(test)).map(({ file, title }) => `${file} has no "${title}"`),
    ...tests.filter(({ file }) => !file.startsWith('test/')).map(({ file }) => `${file} is no test`),
  ];
}

t.test('no node is left out, and there is no other', async (t) => {
  t.same([...PARTS.keys()], Object.keys(NODES));
  for (const [part, wanted] of Object.entries(NODES))
    t.same(
      PARTS.get(part)?.map(({ Node = '' }) => Node.replaceAll('`', '')),
      wanted,
      part,
    );
  t.ok(Object.values(NODES).flat().length > 200, 'there are many');
});

t.test('every file and every test is there', async (t) => {
  for (const [part, rows] of PARTS)
    for (const row of rows) t.same(complaints(row), [], `${part}: ${row.Node}`);
});

t.test('what is not there is seen', async (t) => {
  const row = {
    Node: 'x',
    Means: 'y',
    'Realised by': '`src/main.ts`',
    'Shown by': '`test/docs.ts`: `no such title`',
  };
  t.same(complaints(row), ['test/docs.ts has no "no such title"']);
  t.same(complaints({ ...row, 'Realised by': '`src/no.ts`', 'Shown by': 'not yet' }), [
    'no test',
    'there is no src/no.ts',
  ]);
});
