import { join } from 'node:path';
import t from 'tap';
import { readSquid } from '#migrate/read.ts';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

t.test('readSquid() follows includes, patterns in order, relative to the first file', async (t) => {
  const found = await imported(t, ['include conf.d/*.conf', 'via on'], {
    'conf.d': {
      'b.conf': 'http_access deny all\n',
      'a.conf': 'include conf.d/acl.inc\n',
      'acl.inc': 'acl a src 10.0.0.1\nhttp_access allow a\n',
    },
  });
  t.same(rulesOf(found), ['allow a', 'deny all']);
  const places = found.findings.map(({ file, line }) => `${file.split('/').at(-1)}:${line}`);
  t.ok(places.includes('acl.inc:2') && places.includes('b.conf:1'), 'places are those of the included file');
});

t.test('readSquid() tells of files that are not there, and goes on', async (t) => {
  const found = await imported(t, ['include none/*.conf', 'include gone.conf', 'http_access allow all']);
  t.match(toldOf(found, 1), [/^dangerous No file matches "none\/\*\.conf"\. Rules may be missing/]);
  t.match(toldOf(found, 2), [/^error Cannot read ".*gone\.conf": no such file/]);
  t.same(rulesOf(found), ['deny all'], 'but lets nothing through from there on');
});

t.test('readSquid() does not follow a file that includes itself for ever', async (t) => {
  const found = await imported(t, ['include a.conf', 'http_access deny all'], {
    'a.conf': 'include a.conf\n',
  });
  t.match(found.told.join('\n'), /1 dangerous Files include each other more than 16 deep/);
});

t.test('readSquid() decides conditions, and tells of what they leave out', async (t) => {
  const lines = [
    ['if $', '{process_number} = 1'].join(''),
    'http_access deny all',
    'else',
    'http_access allow all',
    'endif',
    'if maybe',
    'via off',
    'endif',
  ];
  const found = await imported(t, lines);
  t.same(rulesOf(found), ['deny all']);
  t.match(toldOf(found, 1), ['changed Macros are filled in', 'same Condition holds']);
  t.match(toldOf(found, 4), ['dropped Its condition does not hold']);
  t.match(toldOf(found, 6), ['error Condition is neither']);
  t.match(toldOf(found, 7), ['dropped Its condition']);
});

t.test('readSquid() tells of conditions without their other half', async (t) => {
  const found = await imported(t, ['else', 'endif', 'if false', 'via on']);
  t.match([toldOf(found, 1), toldOf(found, 2)], [['error There is no "if"'], ['error There is no "if"']]);
  t.match(toldOf(found, 3).join(' '), /error There is no "endif"/);
});

t.test('readSquid() rejects where the file itself cannot be read', async (t) => {
  await t.rejects(
    readSquid(join(t.testdir({}), 'squid.conf'), () => {}),
    { message: /^Cannot read / },
  );
});
