import t from 'tap';
import { quoteUntrusted } from '#net/quote.ts';

const CASES: readonly [title: string, text: string, quoted: string][] = [
  ['quotes plain text', 'example.com', '"example.com"'],
  ['escapes quotes and control characters', 'a"b\r\nc', '"a\\"b\\r\\nc"'],
  ['leaves credentials out', 'user:secret@example.com', '"...@example.com"'],
  ['leaves credentials with an @ out', 'user:se@cret@example.com', '"...@example.com"'],
  ['shows a hundred characters whole', 'x'.repeat(100), `"${'x'.repeat(100)}"`],
  ['cuts what is longer', 'x'.repeat(101), `"${'x'.repeat(100)}..."`],
];

for (const [title, text, quoted] of CASES) {
  t.test(`quoteUntrusted() ${title}`, async (t) => {
    t.equal(quoteUntrusted(text), quoted);
  });
}
