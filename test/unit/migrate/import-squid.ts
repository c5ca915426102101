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

t.test('importSquid() says one thing of what no rule that is reached uses', async (t) => {
  const { told, yaml } = await imported(t, [
    'auth_param basic program /usr/lib/helper /etc/squid/passwd',
    'acl known proxy_auth -i alice',
    'acl hours time MTWHF 09:00-12:00 13:00-18:00',
    'acl d dst 10.0.0.1',
    'http_access deny all',
    'http_access allow known hours',
    'http_access allow d',
  ]);
  const unused = 'Nothing that is carried over uses it';
  t.same(told, [
    '1 dropped No rule asks who the user is, so that nobody has to authenticate',
    ...[2, 3, 4].map((line) => `${line} dropped ${unused}`),
    '5 same Rule "deny-all"',
    ...[6, 7].map((line) => `${line} dropped Never reached: line 5 decides everything`),
  ]);
  t.notMatch(yaml, 'auth:');
});

t.test('importSquid() refuses what is no squid.conf', async (t) => {
  for (const [text, why] of [
    ['', /Cannot read ".*squid\.conf": this is no squid\.conf, it has no directive$/],
    ['# http_port 3128\n\n', /it has no directive$/],
    ['name: t1\nlisteners:\n  - { name: main }\n', /none of its lines begins with a directive$/],
    ['\u0000\u0001"\\\n\ufffd', /none of its lines begins with a directive$/],
  ] as const) {
    const file = join(t.testdir({ 'squid.conf': text }), 'squid.conf');
    await t.rejects(importSquid(file, { timeZone: 'UTC' }), { message: why });
  }
  await t.resolves(imported(t, ['include gone.conf']), 'one with an include is one');
});

t.test('importSquid() makes something safe of next to nothing', async (t) => {
  const { config } = await imported(t, ['via on']);
  t.same(config.listeners, [{ name: 'main', address: '127.0.0.1:3128' }]);
  t.same(config.access, [{ name: 'otherwise', deny: ['all'] }]);
});
