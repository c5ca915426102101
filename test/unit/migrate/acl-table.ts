import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

const AB = ['acl a src 10.0.0.1', 'acl b port 80'];

t.test('groups are written out as rules', async (t) => {
  const found = await imported(t, [
    ...AB,
    'acl any any-of a b',
    'acl both all-of a !b',
    'http_access allow any',
    'http_access deny both',
    'http_access allow !any',
    'http_access deny all',
  ]);
  t.same(rulesOf(found), ['allow a', 'allow b', 'deny a !b', 'allow !a !b', 'deny all']);
  t.match(toldOf(found, 3), ['same ACL "a", "b"']);
});

t.test('lines of a group are alternatives', async (t) => {
  const found = await imported(t, [
    ...AB,
    'acl g all-of a b',
    'acl g all-of CONNECT',
    'http_access allow g',
    'http_access deny all',
  ]);
  t.same(rulesOf(found), ['allow a b', 'allow connect', 'deny all']);
});

t.test('names are found in any case, and built-in ACLs are there', async (t) => {
  const found = await imported(t, [
    'acl LocalNet src 10.0.0.0/8',
    'http_access allow localnet',
    'http_access allow LOCALHOST',
    'http_access deny all',
  ]);
  t.same(rulesOf(found), ['allow localnet', 'allow localhost', 'deny all']);
  t.same(found.config.acls.localhost, { src: ['127.0.0.1/32', '::1/128'] });
});

t.test('what is wrong with a name is told', async (t) => {
  const found = await imported(t, [
    'acl localnet src 10.0.0.0/8',
    'acl localnet port 80',
    'http_access allow lokalnet',
    'acl',
    'acl me any-of me',
    'http_access allow me',
    'http_access deny all',
  ]);
  t.match(toldOf(found, 2), ['error ACL "localnet" is there already, of another type']);
  t.match(toldOf(found, 3)[0], 'error ACL "lokalnet" is not defined; is it "localnet"?');
  t.match(toldOf(found, 4), ['error An ACL has a name and a type']);
  t.match(toldOf(found, 6)[0], /^changed It allows nothing.*it refers to itself/);
  t.same(rulesOf(found), ['deny all']);
});

t.test('what nothing uses is left out, and told', async (t) => {
  const found = await imported(t, ['acl unused src 10.0.0.1', 'http_access deny all']);
  t.equal(found.config.acls, undefined);
  t.match(toldOf(found, 1), ['dropped Nothing that is carried over uses it']);
});

t.test('names that Weir does not have become ones that it has', async (t) => {
  const found = await imported(t, [
    'acl a/b src 10.0.0.1',
    'acl a:b src 10.0.0.2',
    'http_access allow a/b',
    'http_access allow a:b',
    'http_access deny all',
  ]);
  t.same(rulesOf(found), ['allow a-b', 'allow a-b-2', 'deny all']);
});

t.test('values come from files, one on each line', async (t) => {
  const lines = [
    'acl d dstdomain "lists/d.txt"',
    'acl p port "lists/p.txt" 443',
    'http_access allow d p',
    'http_access deny all',
  ];
  const files = { lists: { 'd.txt': '# ours\n.a.com\nb.com # two\n\n', 'p.txt': '80\n8080\n' } };
  const found = await imported(t, lines, files);
  t.match(found.config.acls.d.dstDomains.file, /\/lists\/d\.txt$/, 'a list of domains stays a file');
  t.same(found.config.acls.p, { ports: [80, 8080, 443] });
  const mixed = await imported(t, lines, { lists: { ...files.lists, 'd.txt': '.a.com\n*.b.com\n' } });
  t.same(mixed.config.acls.d, { dstDomains: ['.a.com'] }, 'but for one that Weir would read otherwise');
});

t.test('an ACL whose file is missing cannot be judged', async (t) => {
  const found = await imported(t, [
    'acl d dstdomain "gone.txt"',
    'http_access deny d',
    'http_access allow all',
  ]);
  t.match(toldOf(found, 1)[0], /^error Cannot read .*gone\.txt/);
  t.match(toldOf(found, 2)[0], /^dangerous Everything is denied from here on/);
  t.same(rulesOf(found), ['deny all']);
});
