import t from 'tap';
import { answerDirectives } from '#cache/directives.ts';
import { ageOf, freshnessOf, mayGuess } from '#cache/freshness.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const date = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toUTCString();
const DAY = 86_400;

function of(headers: readonly string[], { status = 200, delayMs = 0 } = {}) {
  const directives = answerDirectives(headers);
  return freshnessOf({ status, headers, directives, requestMs: NOW - delayMs, answerMs: NOW });
}

const LIFETIMES: Record<string, readonly [headers: readonly string[], seconds: number]> = {
  'max-age': [['Cache-Control', 'max-age=60'], 60],
  'max-age counts whatever Expires says': [['Cache-Control', 'max-age=60', 'Expires', date(5)], 60],
  's-maxage counts more than max-age': [['Cache-Control', 'max-age=60, s-maxage=5'], 5],
  's-maxage behind max-age': [['Cache-Control', 's-maxage=5, max-age=60'], 5],
  'a max-age that is none': [['Cache-Control', 'max-age=soon'], 0],
  'Expires counts from Date': [['Date', date(100), 'Expires', date(40)], 60],
  'Expires counts from now without Date': [['Expires', date(-60)], 60],
  'Expires in the past': [['Date', date(0), 'Expires', date(60)], 0],
  'Expires: 0': [['Expires', '0'], 0],
  'the first of two Expires': [['Expires', date(-60), 'Expires', date(-5)], 60],
  'a tenth of the time since it changed': [['Last-Modified', date(1000)], 100],
  'a guess counts from Date': [['Date', date(100), 'Last-Modified', date(1000)], 90],
  'a guess is a day at most': [['Last-Modified', date(100 * DAY)], DAY],
  'what is to change has no lifetime': [['Last-Modified', date(-60)], 0],
  'no guess where there is Expires': [['Last-Modified', date(1000), 'Expires', 'x'], 0],
  'no guess without Last-Modified': [[], 0],
  'no guess with a Last-Modified that is none': [['Last-Modified', 'yesterday'], 0],
};

for (const [title, [headers, seconds]] of Object.entries(LIFETIMES))
  t.test(`freshnessOf() ${title}`, async (t) => t.equal(of(headers).lifetimeMs, seconds * 1000));

t.test('freshnessOf() guesses only for statuses that allow it, or what is public', async (t) => {
  const headers = ['Last-Modified', date(1000)];
  t.equal(of(headers, { status: 404 }).lifetimeMs, 100_000);
  t.equal(of(headers, { status: 302 }).lifetimeMs, 0);
  t.equal(of([...headers, 'Cache-Control', 'public'], { status: 302 }).lifetimeMs, 100_000);
  t.equal(of(headers).isGuessed, true);
  t.equal(of(['Cache-Control', 'max-age=1']).isGuessed, false);
  t.equal(mayGuess({ status: 206, directives: answerDirectives([]) }), false);
});

t.test('the age begins with what the clocks of both ends tell, or caches before us say', async (t) => {
  const age = (headers: readonly string[], delayMs = 0) => ageOf(of(headers, { delayMs }), NOW) / 1000;
  t.equal(age([]), 0);
  t.equal(age(['Date', date(30)]), 30);
  t.equal(age(['Date', date(-30)]), 0, 'a clock ahead of ours makes nothing younger than new');
  t.equal(age(['Age', '20']), 20);
  t.equal(age(['Age', '20'], 5000), 25, 'the time that the answer took is added');
  t.equal(age(['Age', '20', 'Date', date(30)]), 30, 'whichever is more');
  t.equal(age(['Age', '40', 'Date', date(30)]), 40);
  t.equal(age(['Age', '7, 20']), 7);
  t.equal(age(['Age', '7', 'Age', '20']), 7);
  for (const text of ['x', '-1', '1.5', '']) t.equal(age(['Age', text]), 0, text);
  t.equal(age(['Age', '99999999999']), 2 ** 31);
});

t.test('ageOf() grows with time, and never falls below 0', async (t) => {
  const freshness = of(['Date', date(30)]);
  t.equal(ageOf(freshness, NOW + 5000), 35_000);
  t.equal(ageOf(freshness, NOW - 60_000), 0);
});
