import t from 'tap';
import { countsOf, Report, reportText } from '#migrate/report.ts';
import type { Statement } from '#migrate/statement.ts';

function statement(line: number, text: string, file = 'squid.conf'): Statement {
  const [name = '', ...words] = text.split(' ');
  return { file, line, name, words: words.map((word) => ({ text: word, isQuoted: false })) };
}

t.test('reportText() tells the worst first, and counts', async (t) => {
  const report = new Report();
  report.tell(statement(2, 'via off'), 'changed', 'One');
  report.tell(statement(1, 'http_access allow all'), 'dangerous', 'Two');
  report.tell(statement(1, 'http_access allow all'), 'dangerous', 'Two');
  report.tell(statement(0, 'acl all src all'), 'same', 'Built in');
  const text = reportText(report.findings);
  t.match(
    text,
    /^Dangerous: [^\n]*\n {2}squid\.conf:1: http_access allow all: Two\n\nChanged: [^\n]*\n {2}squid\.conf:2: via off: One\n/,
  );
  t.match(text, /\n1 dangerous, 0 error, 1 changed, 0 dropped, 0 same\n$/);
  t.match(countsOf(report.findings), { dangerous: 1, changed: 1, same: 0 });
});

t.test('reportText() tells what every import means for open tunnels', async (t) => {
  t.match(reportText([]), /Squid judges a tunnel once\. Weir judges open ones again .* onRevoke: keep/);
});

t.test('Report keeps files together, in the order of their lines', async (t) => {
  const report = new Report();
  for (const [line, file] of [
    [9, 'a'],
    [1, 'b'],
    [2, 'a'],
  ] as const)
    report.tell(statement(line, 'via on', file), 'same', 'x');
  t.same(
    report.findings.map(({ file, line }) => `${file}:${line}`),
    ['a:2', 'a:9', 'b:1'],
  );
  t.ok(report.isTold(statement(9, 'via on', 'a')));
  t.notOk(report.isTold(statement(8, 'via on', 'a')));
});

t.test('Report retells what is left out, but for mistakes', async (t) => {
  const report = new Report();
  const [line, wrong] = [statement(1, 'acl a src x'), statement(2, 'acl b src x')];
  report.tell(line, 'changed', 'Carried over');
  report.tell(wrong, 'changed', 'Carried over');
  report.tell(wrong, 'error', 'Wrong');
  for (const one of [line, wrong, statement(3, 'acl c src x')]) report.retell(one, 'dropped', 'Unused');
  t.same(
    report.findings.map(({ verdict, message }) => [verdict, message]),
    [
      ['dropped', 'Unused'],
      ['error', 'Wrong'],
      ['dropped', 'Unused'],
    ],
  );
});

t.test('reportText() folds lines that are never reached for one reason', async (t) => {
  const report = new Report();
  for (const [line, message] of [
    [3, 'Never reached: line 2 decides everything'],
    [4, 'Never reached: line 2 decides everything'],
    [5, 'Never reached: line 2 decides everything'],
    [7, 'Never reached: line 2 decides everything'],
    [8, 'It never holds'],
    [9, 'It never holds'],
  ] as const)
    report.tell(statement(line, `http_access allow a${line}`), 'dropped', message);
  t.same(reportText(report.findings).split('\n').slice(1, 5), [
    '  squid.conf:3-5: http_access (3 lines): Never reached: line 2 decides everything',
    '  squid.conf:7: http_access allow a7: Never reached: line 2 decides everything',
    '  squid.conf:8: http_access allow a8: It never holds',
    '  squid.conf:9: http_access allow a9: It never holds',
  ]);
  t.match(reportText(report.findings), ' 6 dropped,', 'each counts');
});

const SECRETS = [
  'cachemgr_passwd hunter2 all',
  'cache_peer a parent 1 0 login=x:hunter2',
  'auth_param basic program /x -w hunter2',
  'external_acl_type g /x hunter2',
  'acl x req_header Token hunter2',
  'cachemgr_paswd hunter2',
];

t.test('Report shows nothing that may be a secret, and no control characters', async (t) => {
  for (const text of SECRETS) {
    const report = new Report();
    report.tell(statement(1, text), 'dropped', 'x');
    t.notMatch(reportText(report.findings), 'hunter2', text);
  }
  const report = new Report();
  report.tell(statement(1, 'acl \u001b[2J src'), 'error', 'a \u001b[2J b');
  t.notMatch(reportText(report.findings), '\u001b');
});
