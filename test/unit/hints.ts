import t from 'tap';
import { REASONS } from '#errors.ts';
import { HINTS } from '#hints.ts';

t.test('HINTS has one for each reason, and no other', async (t) => {
  t.same(Object.keys(HINTS).toSorted(), Object.keys(REASONS).toSorted());
});

for (const [reason, hint] of Object.entries(HINTS)) {
  t.test(`HINTS.${reason} is one line that fits a reply`, async (t) => {
    t.match(hint, /^[A-Z][ -~]{9,119}$/);
    t.notMatch(hint, /\.$/, 'without a final period');
  });
}
