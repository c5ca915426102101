import t from 'tap';
import { instantText, parseInstant } from '#match/instant.ts';

const MOMENTS: Readonly<Record<string, string>> = {
  '2026-12-31T18:00:00+08:00': '2026-12-31T10:00:00.000Z',
  '2026-12-31T18:00+08:00': '2026-12-31T10:00:00.000Z',
  '2026-12-31t10:00:00.5z': '2026-12-31T10:00:00.500Z',
  '2026-12-31Z': '2026-12-31T00:00:00.000Z',
  '2026-12-31-05:00': '2026-12-31T05:00:00.000Z',
  '2028-02-29Z': '2028-02-29T00:00:00.000Z',
};

for (const [text, expected] of Object.entries(MOMENTS)) {
  t.test(`parseInstant() reads ${text}`, async (t) => {
    t.equal(new Date(parseInstant(text)).toISOString(), expected);
  });
}

for (const text of [
  '',
  'tomorrow',
  '2026-12-31',
  '2026-12-31T18:00',
  '2026-12-31 18:00Z',
  '2026-02-29Z',
  '2026-12-31T24:01Z',
  '2026-12-31T18:00+08',
  '2026-12-31T18:00[Asia/Shanghai]',
  '20261231T1800Z',
]) {
  t.test(`parseInstant() refuses "${text}"`, async (t) => {
    const message = `Time "${text}" cannot be read, write a time or date with its zone such as "2026-12-31T18:00+08:00" or "2026-12-31Z"`;
    t.throws(() => parseInstant(text), { message });
  });
}

t.test('instantText() writes what parseInstant() reads, with no fraction where there is none', async (t) => {
  for (const text of ['2026-12-31T10:00:00Z', '2026-12-31T10:00:00.500Z']) {
    t.equal(instantText(parseInstant(text)), text);
  }
});
