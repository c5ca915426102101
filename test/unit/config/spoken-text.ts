import t from 'tap';
import { spokenText } from '#config/spoken-text.ts';

const parse = spokenText(10);

t.test('spokenText() takes one printable line', async (t) => {
  for (const text of ['a', '0123456789', 'Zürich 😀', '请联系']) t.equal(parse(text), text);
});

t.test('spokenText() refuses what is empty, too long or cannot be printed', async (t) => {
  for (const text of ['', ' ']) t.throws(() => parse(text), { message: 'The text is empty, remove the key' });
  t.throws(() => parse('0123456789a'), { message: 'The text is too long, write at most 10 characters' });
  const message = 'The text has line ends or characters that cannot be printed, write one line';
  for (const text of ['a\nb', 'a\tb', 'a\u001b[0m', 'a\u202eb', 'a\u2028b', 'a\u200bb', '\ud800'])
    t.throws(() => parse(text), { message }, encodeURIComponent(text.toWellFormed()));
});
