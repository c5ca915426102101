import t from 'tap';
import {
  isPlain,
  name,
  number,
  quote,
  quoteAll,
  quoteOnce,
  text,
  threeDigits,
  timeOf,
} from '#record/json-text.ts';

t.test('pieces are nothing where there is no value', async (t) => {
  t.same([name(',"a":"', undefined), text(',"a":', undefined), number(',"a":', undefined)], ['', '', '']);
  t.same(
    [name(',"a":"', 'b'), text(',"a":', 'b"'), number(',"a":', 1.5)],
    [',"a":"b"', ',"a":"b\\""', ',"a":1.5'],
  );
});

t.test('isPlain() is for what needs no second look', async (t) => {
  t.ok(isPlain('x'.repeat(512)));
  for (const odd of ['x'.repeat(513), 'a"', 'a\\', 'a\n', 'ä', '\u007f']) t.notOk(isPlain(odd), odd);
});

t.test('quote() makes printable ASCII, and cuts', async (t) => {
  t.equal(quote('ä\u2028'), '"\\u00e4\\u2028"');
  t.equal(quote('abc', 2), '"ab\\u2026"');
  t.equal(quoteAll(['a', '"']), '"a","\\""');
});

t.test('quoteOnce() says the same as quote()', async (t) => {
  for (const one of ['plain', 'pl"in', 'ä', 'x'.repeat(512), 'x'.repeat(513)])
    t.equal(quoteOnce(one), quote(one));
});

t.test('timeOf() is RFC 3339, whatever came before', async (t) => {
  for (const time of ['2026-11-23T02:00:01.000Z', '2026-11-23T02:00:01.999Z', '2028-02-29T23:59:59.010Z']) {
    t.equal(timeOf(Date.parse(time)), time);
  }
  t.equal(threeDigits(7), '007');
});

t.test('quote() looks at a text that is as long as one before', async (t) => {
  for (const one of ['plain', 'plain', 'pl"in', 'plain', 'pl\\in', 'pl"in'])
    t.equal(quote(one), JSON.stringify(one));
  t.ok(isPlain('plain'));
  t.notOk(isPlain('pl"in'));
});
