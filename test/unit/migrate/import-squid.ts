import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { importSquid } from '#migrate/import-squid.ts';
import { reportText } from '#migrate/report.ts';
import { imported } from '../../fixtures/imported.ts';
import { docsPage } from '../../fixtures/tables.ts';

/** The first block of code of a language on the page. */
function block(language: string): string {
  return (
    new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(
      docsPage('migrating-from-squid.md'),
    )?.[1] ?? ''
  );
}

t.test('importSquid() does with the worked example what the page says', async (t) => {
  const folder = t.testdir({});
  const file = join(folder, 'squid.conf');
  writeFileSync(file, block('squid'));
  const { yaml, findings } = await importSquid(file, { timeZone: 'Asia/Shanghai' });
  t.equal(yaml.replaceAll(`${folder}/`, ''), block('yaml'));
  t.ok(reportText(findings).replaceAll(`${folder}/`, '').startsWith(block('text')));
});

t.test('importSquid() tells of every directive, and of nothing else', async (t) => {
  const lines = [
    'http_port 3128',
    'acl a src 10.0.0.1',
    'http_access allow a',
    'never_direct deny all',
    'cache_effective_user proxy',
    'http_access deny all',
  ];
  const { findings } = await imported(t, lines);
  t.same(
    [...new Set(findings.map(({ line }) => line))],
    lines.map((_, index) => index + 1),
  );
});

t.test('importSquid() makes something safe of nothing', async (t) => {
  const { config } = await imported(t, []);
  t.same(config.listeners, [{ name: 'main', address: '127.0.0.1:3128' }]);
  t.same(config.access, [{ name: 'otherwise', deny: ['all'] }]);
});
