import t from 'tap';
import { lint, unlessOverBudget } from '#study/lint/lint.ts';
import { OverBudget } from '#study/space/regions.ts';
import { firstTier, tooMuchToFollow } from '../../../fixtures/studied.ts';

const NOW = Date.parse('2026-11-28T00:00Z');

t.test('lint() tells what it finds in the order of the file', async (t) => {
  const studied = await firstTier(`
acls: { none: { ports: [25] }, tls: { ports: [443, 443] } }
access: [{ name: old, allow: [tls], until: 2026-01-01T00:00Z }, { name: tls, allow: [tls] }]`);
  t.same(
    lint(studied, NOW).map(({ code, line }) => [line, code]),
    [
      [4, 'unused-acl'],
      [4, 'redundant-entry'],
      [5, 'expired-rule'],
    ],
  );
});

t.test('lint() tells of rules where ways back are too much work', async (t) => {
  const studied = await firstTier('access: [{ name: old, allow: [all], until: 2026-01-01T00:00Z }]');
  t.match(lint(tooMuchToFollow(studied), NOW), [
    { code: 'cannot-prove', message: /^Cannot prove that no peer leads back: its rules divide/ },
    { code: 'expired-rule' },
  ]);
});

t.test('unlessOverBudget() says that nothing can be proven, and hides no fault', async (t) => {
  const placeOf = () => ({ file: 't1.yaml', line: 5, column: 1 });
  const tooMuch = unlessOverBudget(() => {
    throw new OverBudget();
  }, placeOf);
  t.match(tooMuch, [{ code: 'cannot-prove', level: 'error', line: 5, path: 'access' }]);
  t.throws(
    () =>
      unlessOverBudget(() => {
        throw new Error('a fault');
      }, placeOf),
    /a fault/,
  );
});
