/** Holds the links between the pages: each leads to a file that there is, and to a heading that it has. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';

const ROOT = join(import.meta.dirname, '..');
const PAGES = globSync(['*.md', '{docs,k8s,vm,examples,bench}/**/*.md'], { cwd: ROOT }).sort();

interface Link {
  readonly file: string;
  readonly anchor: string;
}

/** What is no code, which may look like a link and is none. */
function proseOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8').replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** Links of a page to files here. */
function linksOf(page: string): Link[] {
  const prose = proseOf(page).replaceAll(/`[^`\n]*`(?!\])/g, '');
  return [...prose.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([, path = '', anchor = '']) => {
    return { file: path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path)), anchor };
  });
}

/** As GitHub makes them of headings; a heading that comes again has a number. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(page).matchAll(/^#+ (.*)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    let count = 0;
    while (anchors.has(count === 0 ? anchor : `${anchor}-${count}`)) count += 1;
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}

function isBroken({ file, anchor }: Link): boolean {
  if (!existsSync(join(ROOT, file))) return true;
  return anchor !== '' && file.endsWith('.md') && !anchorsOf(file).has(anchor);
}

t.test('anchors are made of headings, and one that is not there is seen', async (t) => {
  t.ok(anchorsOf('docs/configuration.md').has('peers-and-routes'));
  t.ok(isBroken({ file: 'docs/configuration.md', anchor: 'no-such' }));
  t.ok(isBroken({ file: 'docs/no-such.md', anchor: '' }));
});

for (const page of PAGES) {
  t.test(`${page} has links that lead somewhere`, async (t) => {
    t.same(linksOf(page).filter(isBroken), []);
  });
}

t.test('links were found', async (t) => {
  t.ok(PAGES.flatMap(linksOf).length > 100);
});
