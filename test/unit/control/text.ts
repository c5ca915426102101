import t from 'tap';
import { countText, momentText, sizeText, spanText } from '#control/text.ts';

t.test('spans, sizes, counts and moments, as people read them', async (t) => {
  t.same([-5, 0, 999, 1000, 200_000, 3_600_000, 90_061_000].map(spanText), [
    '0 s',
    '0 s',
    '0 s',
    '1 s',
    '3 min 20 s',
    '1 h',
    '1 d 1 h',
  ]);
  t.same([0, 1, 1023, 1536, 5 * 2 ** 20, 3 * 2 ** 30, 2 ** 42].map(sizeText), [
    '0 bytes',
    '1 byte',
    '1,023 bytes',
    '1.5 KiB',
    '5.0 MiB',
    '3.0 GiB',
    '4096.0 GiB',
  ]);
  t.equal(countText(1200, 'answer', 'answers'), '1,200 answers');
  t.equal(momentText(Date.UTC(2026, 10, 29, 1, 2, 3, 456)), '2026-11-29T01:02:03Z');
});
