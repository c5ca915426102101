import t from 'tap';
import { parseInstant } from '#study/instant.ts';

t.test('parseInstant() reads a moment with its offset', async (t) => {
  t.equal(parseInstant('2026-11-23T10:00+08:00'), Date.UTC(2026, 10, 23, 2));
  t.equal(parseInstant('2026-11-23T02:00:00.5Z'), Date.UTC(2026, 10, 23, 2, 0, 0, 500));
});

for (const text of ['2026-11-23T10:00', '2026-11-23', 'now', '']) {
  t.test(`parseInstant() refuses "${text}"`, async (t) => {
    const fix = 'write one with an offset such as "2026-11-23T10:00+08:00", or with Z for UTC';
    t.throws(() => parseInstant(text), { message: `Time "${text}" cannot be read, ${fix}` });
  });
}
