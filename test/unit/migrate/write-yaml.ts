import t from 'tap';
import { parse } from 'yaml';
import { Draft } from '#migrate/draft.ts';
import { writeYaml } from '#migrate/write-yaml.ts';

const TEXTS = [
  'a',
  'true',
  'no',
  '10',
  '1e3',
  '0x10',
  '10.0.0.0/8',
  '::1',
  '.a.com',
  '*.a.com',
  'a: b',
  'a#b',
  '',
  'ü',
  '"',
  "'",
  '-',
  '!x',
  '09:00-18:01',
  '.inf',
  '~',
];

t.test('writeYaml() writes every text so that it is read as that text', async (t) => {
  const draft = new Draft();
  draft.acls.set('x', { dstDomains: TEXTS });
  draft.access.push({ name: 'r', action: 'allow', acls: ['x'], from: 'squid.conf:1\n  - injected' });
  const value = parse(writeYaml(draft, ['head\nnot: here']));
  t.same(value.acls.x.dstDomains, TEXTS);
  t.same(value.access, [{ name: 'r', allow: ['x'] }], 'and comments stay comments');
  t.notOk('not' in value);
});

t.test('writeYaml() writes limits that rules use, and the users file where any asks for users', async (t) => {
  const draft = new Draft();
  draft.acls.set('u', { users: ['*'] });
  draft.limits.set('a', { per: 'source', tunnels: 5 });
  draft.limits.set('b', { per: 'global', bandwidth: '2048B/s' });
  draft.access.push(
    { name: 'r', action: 'allow', acls: ['u'], from: 'x', limit: 'a' },
    { name: 's', action: 'deny', acls: ['all'], from: 'x', message: 'See: "here"' },
  );
  const value = parse(writeYaml(draft, []));
  t.same(value.limits, { a: { per: 'source', tunnels: 5 } });
  t.same(value.auth, { usersFile: 'users.txt' });
  t.same(value.access, [
    { name: 'r', allow: ['u'], limit: 'a' },
    { name: 's', deny: ['all'], message: 'See: "here"' },
  ]);
});

t.test('writeYaml() puts long lists one under the other', async (t) => {
  const draft = new Draft();
  const names = Array.from({ length: 30 }, (_, index) => `host${index}.example.com`);
  draft.acls.set('x', { dstDomains: names, time: { days: 'mon' } });
  draft.access.push({ name: 'r', action: 'deny', acls: ['!x'], from: 'here' });
  const yaml = writeYaml(draft, []);
  t.match(yaml, /^ {2}x:\n {4}dstDomains:\n {6}- host0\.example\.com\n/m);
  t.same(parse(yaml).acls.x, { dstDomains: names, time: { days: 'mon' } });
});
