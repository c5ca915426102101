import t from 'tap';
import { DOMAIN_LIST, KEY_LIST, PATTERN_LIST, parseListFile, USER_LIST } from '#config/list-file.ts';
import { formatProblem } from '#config/problems.ts';
import { keyOf, secretOf } from '../../fixtures/assertions.ts';

const SOURCE = { file: 'domains.txt', path: 'acls.x.dstDomains.file' };

function problems(text: string): string[] {
  return parseListFile(text, SOURCE, DOMAIN_LIST).problems.map(formatProblem);
}

t.test('parseListFile() reads one domain on each line', async (t) => {
  const text = '# Microsoft\n\n.microsoft.com\r\n  login.microsoftonline.com  # sign-in\n\t*.azure.com\t#\n';
  const { entries, problems } = parseListFile(text, SOURCE, DOMAIN_LIST);
  t.same(
    entries.map((domain) => domain.text),
    ['.microsoft.com', 'login.microsoftonline.com', '*.azure.com'],
  );
  t.same(problems, []);
});

t.test('parseListFile() reports every bad line with its place, and keeps the good ones', async (t) => {
  const { entries } = parseListFile('a.com\n  a b.com\n10.0.0.1\nb.com', SOURCE, DOMAIN_LIST);
  t.equal(entries.length, 2);
  t.same(problems('a.com\n  http://b.com # no\n10.0.0.1\nx.*.com#c\n'), [
    'domains.txt:2:3: acls.x.dstDomains.file: Domain "http://b.com" is no host name (value "http://b.com"). Write a host name without scheme, port and path',
    'domains.txt:3:1: acls.x.dstDomains.file: Domain "10.0.0.1" is an address (value "10.0.0.1"). Write it under "dst"',
    'domains.txt:4:1: acls.x.dstDomains.file: Domain "x.*.com#c" has a wildcard inside, "*." stands only in front of a whole name (value "x.*.com#c"). Write one domain on each line, such as .example.com',
  ]);
});

t.test('parseListFile() refuses a file that names nothing', async (t) => {
  t.same(problems('# all gone\n'), [
    'domains.txt:1:1: acls.x.dstDomains.file: The file names no domain. Write one domain on each line, such as .example.com',
  ]);
});

t.test('parseListFile() stops at a file that is no list of domains', async (t) => {
  t.equal(problems('<html>\n'.repeat(10_000)).length, 100);
});

t.test('parseListFile() reads patterns, in which # is a comment only at the start of a line', async (t) => {
  const text = '# ours\n  # too\n^api-\\d+ # not a comment\n\n(a)\\1\n';
  const { entries, problems } = parseListFile(text, SOURCE, PATTERN_LIST);
  t.same(
    entries.map((pattern) => pattern.text),
    ['^api-\\d+ # not a comment'],
  );
  t.same(problems.map(formatProblem), [
    'domains.txt:5:1: acls.x.dstDomains.file: Pattern "(a)\\1" has a backreference, which RE2 does not know (value "(a)\\\\1"). Write it without',
  ]);
  const none = parseListFile('#\n', SOURCE, PATTERN_LIST).problems.map(formatProblem);
  t.match(none, [/The file names no pattern\. Write one pattern on each line, such as \^api-/]);
});

t.test('parseListFile() reads users, and shows nothing of a line that is wrong', async (t) => {
  const hash = `$scrypt$ln=10,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
  const { entries, problems } = parseListFile(`# staff\nalice:${hash}\nbob:hunter2\n`, SOURCE, USER_LIST);
  t.same(entries, [{ name: 'alice', hash }]);
  t.same(problems.map(formatProblem), [
    'domains.txt:3:1: acls.x.dstDomains.file: Password hash cannot be read. Write the line that "weir passwd" prints',
  ]);
});

t.test('parseListFile() reads keys, and shows none that is wrong', async (t) => {
  const text = `# of 2026\n${secretOf(1)}\n  ${secretOf(2)}\nhunter2\n`;
  const { entries, problems } = parseListFile(text, SOURCE, KEY_LIST);
  t.same(entries, [keyOf(1), keyOf(2)]);
  t.same(problems.map(formatProblem), [
    'domains.txt:4:1: acls.x.dstDomains.file: The line is no Base64. Write one key on each line as "openssl rand -base64 32" prints it',
  ]);
  t.match(parseListFile('', SOURCE, KEY_LIST).problems, [{ message: 'The file names no key' }]);
});
