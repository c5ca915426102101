import t from 'tap';
import { answerDirectives, requestDirectives } from '#cache/directives.ts';

const of = (text: string) => answerDirectives(['Cache-Control', text]);

t.test('a directive is found whatever its case, among others and with blanks', async (t) => {
  for (const text of [
    'no-store',
    'NO-STORE',
    'a, no-store',
    ' no-store ,b',
    'x="a, b", no-store',
    ',,no-store',
  ])
    t.equal(of(text).has('no-store'), true, text);
  for (const text of ['no-stored', 'x="no-store"', 'x="a, no-store, b"', 'x="\\", no-store"', ''])
    t.equal(of(text).has('no-store'), false, text);
});

t.test('isEmpty tells that nothing is said', async (t) => {
  t.same([of('').isEmpty, of('no-store').isEmpty], [true, false]);
});

t.test('a quote that is never closed hides nothing', async (t) => {
  t.equal(of('private="a, no-store').has('no-store'), true);
  t.equal(of('private="a, no-store').has('private'), true);
});

t.test('seconds() reads tokens and quoted strings, and the first of two', async (t) => {
  const seconds = (text: string) => of(text).seconds('max-age');
  t.equal(seconds('max-age=60'), 60);
  t.equal(seconds('max-age="60"'), 60);
  t.equal(seconds('max-age=60, max-age=5'), 60);
  t.equal(seconds('max-age = 60'), 60);
  t.equal(seconds('max-age="6\\0"'), 60);
  t.equal(seconds('max-age=99999999999999999999'), 2 ** 31);
  t.equal(seconds('s-maxage=60'), undefined);
});

t.test('seconds() takes what is no number for none', async (t) => {
  for (const text of [
    'max-age',
    'max-age=',
    'max-age=1.5',
    'max-age=-1',
    'max-age=1s',
    'max-age=x',
    'max-age=""',
  ])
    t.equal(of(text).seconds('max-age'), 0, text);
});

t.test('isBare() tells a directive without a value', async (t) => {
  t.equal(of('max-stale').isBare('max-stale'), true);
  t.equal(of('max-stale=5').isBare('max-stale'), false);
  t.equal(of('max-stale=""').isBare('max-stale'), false);
  t.equal(of('').isBare('max-stale'), false);
});

t.test('several fields are one list', async (t) => {
  const directives = answerDirectives(['Cache-Control', 'public', 'cache-control', 'max-age=5']);
  t.equal(directives.has('public'), true);
  t.equal(directives.seconds('max-age'), 5);
  t.equal(answerDirectives([]).has('public'), false);
});

t.test('requestDirectives() heeds Pragma only where nothing newer is said', async (t) => {
  t.equal(requestDirectives(['Pragma', 'no-cache']).has('no-cache'), true);
  t.equal(requestDirectives(['Pragma', 'x, No-Cache']).has('no-cache'), true);
  t.equal(requestDirectives(['Pragma', 'x']).has('no-cache'), false);
  t.equal(requestDirectives([]).has('no-cache'), false);
  t.equal(requestDirectives(['Pragma', 'no-cache', 'Cache-Control', 'max-age=5']).has('no-cache'), false);
  t.equal(answerDirectives(['Pragma', 'no-cache']).has('no-cache'), false, 'it means nothing in answers');
});
