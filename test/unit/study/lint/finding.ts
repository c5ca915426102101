import t from 'tap';
import {
  type Finding,
  findingOf,
  findingOfProblem,
  firstOfEach,
  formatFinding,
} from '#study/lint/finding.ts';

const FOUND: Finding = {
  file: 't1.yaml',
  line: 12,
  column: 5,
  code: 'unused-acl',
  level: 'warning',
  path: 'acls.web',
  message: 'Nothing uses it',
  fix: 'Remove it',
};

t.test('findingOf() gives a remark its place, level and path', async (t) => {
  const path = ['access', 2, 'name'];
  const remark = { code: 'shadowed-rule', path, rule: 'web', message: 'Shadowed', fix: 'Move it' } as const;
  const placeOf = (asked: readonly unknown[]) => ({ file: 't1.yaml', line: asked.length, column: 1 });
  t.same(findingOf(remark, placeOf), {
    ...{ ...remark, level: 'info', path: 'access[2].name' },
    ...{ file: 't1.yaml', line: 3, column: 1 },
  });
});

t.test('findingOfProblem() tells a configuration that does not load in the words of findings', async (t) => {
  const place = { file: 't1.yaml', line: 3, column: 7, path: 'dns' };
  const problem = { ...place, message: 'Wrong', value: '5', fix: 'Write 6' };
  t.same(findingOfProblem(problem), { ...problem, code: 'configuration', level: 'error' });
});

t.test('formatFinding() tells one in a line, its request and the number left out as well', async (t) => {
  t.equal(formatFinding(FOUND), 't1.yaml:12:5: warning: Nothing uses it. Remove it (unused-acl)');
  t.equal(
    formatFinding({ ...FOUND, more: 7 }),
    't1.yaml:12:5: warning: Nothing uses it. Remove it. And 7 more of this kind (unused-acl)',
  );
  const request = { client: '192.0.2.1', listener: 'main', method: 'GET', target: 'http://a.test/' };
  const witness = { ...request, at: '2026-11-28T00:00:00Z', text: 'GET http://a.test/' };
  t.match(formatFinding({ ...FOUND, witness }), /\(unused-acl\)\n {4}for example: GET http:\/\/a\.test\/$/);
});

t.test('formatFinding() lets no control character through to a terminal', async (t) => {
  t.match(formatFinding({ ...FOUND, message: 'ACL "\u001b[2J"' }), /: ACL "\?\[2J"\. /);
});

t.test('firstOfEach() keeps the first of each code in their order, and counts the rest', async (t) => {
  const all = ['unused-acl', 'expired-rule', 'unused-acl', 'unused-acl', 'expired-rule', 'unused-acl'];
  const found = firstOfEach(
    all.map((code, index) => ({ code: code as Finding['code'], index, more: undefined })),
    2,
  );
  t.same(found, [
    { code: 'unused-acl', index: 0, more: undefined },
    { code: 'expired-rule', index: 1, more: undefined },
    { code: 'unused-acl', index: 2, more: 2 },
    { code: 'expired-rule', index: 4, more: undefined },
  ]);
});
