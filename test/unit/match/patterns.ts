import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { boundPatterns, PatternSet, parsePattern } from '#match/patterns.ts';
import { cpuMsOfWork } from '../../fixtures/cpu-time.ts';

const USE = { longest: 4096, ignoresCase: false };

function setOf(...texts: readonly string[]): PatternSet {
  return new PatternSet(texts.map(parsePattern), USE);
}

t.test('parsePattern() keeps the text, and knows what it costs', async (t) => {
  const pattern = parsePattern(String.raw`^api-\d+\.example\.com$`);
  t.equal(pattern.text, String.raw`^api-\d+\.example\.com$`);
  t.ok(pattern.size > 10 && pattern.size < 40, String(pattern.size));
  t.ok(Object.isFrozen(pattern));
  t.same(Object.keys(pattern), ['text', 'size'], 'plain, so that it goes to workers as it is');
});

const BACKREFERENCE = 'has a backreference, which RE2 does not know, write it without';
const LOOKAROUND = 'looks ahead or behind, which RE2 does not know, write it without';

const FAULTS: readonly [text: string, complaint: string][] = [
  ['(a)\\1', BACKREFERENCE],
  ['(?P<x>a)\\k<x>', BACKREFERENCE],
  ['a(?=b)', LOOKAROUND],
  ['a(?!b)', LOOKAROUND],
  ['(?<=a)b', LOOKAROUND],
  ['(?<!a)b', LOOKAROUND],
  ['[a', 'cannot be read: missing closing ]: `[a`, write it in the syntax of RE2'],
  ['a**', 'cannot be read: invalid nested repetition operator: `**`, write it in the syntax of RE2'],
  ['a{1001}', 'cannot be read: invalid repeat count: `{1001}`, write it in the syntax of RE2'],
  ['(((a{30}){30}){30})', 'cannot be read: invalid repeat count: `{30}`, write it in the syntax of RE2'],
  ['\\\\1(', 'cannot be read: missing closing ): `\\\\1(`, write it in the syntax of RE2'],
];

for (const [text, complaint] of FAULTS) {
  t.test(`parsePattern() says what is wrong with ${text}`, async (t) => {
    t.throws(() => parsePattern(text), { message: `Pattern "${text}" ${complaint}` });
  });
}

t.test('parsePattern() refuses what matches everything, and what is too long', async (t) => {
  t.throws(() => parsePattern(''), { message: 'Pattern "" matches everything, remove it' });
  t.doesNotThrow(() => parsePattern('a'.repeat(1000)));
  t.throws(() => parsePattern('a'.repeat(1001)), {
    message: `Pattern "${'a'.repeat(40)}…" is too long, write at most 1000 characters, or several patterns`,
  });
});

t.test('boundPatterns() weighs a list against the texts that it is for', async (t) => {
  const patterns = ['x{1000}', 'y{1000}'].map(parsePattern);
  const size = patterns.reduce((sum, one) => sum + one.size, 0);
  t.equal(boundPatterns(patterns, 253), patterns);
  t.throws(() => boundPatterns(patterns, 4096), {
    message: `The patterns compile to ${size} instructions, write fewer or simpler ones, of at most 1953 instructions together`,
  });
  t.throws(() => new PatternSet(patterns, USE), { message: /^The patterns compile to/ });
});

t.test('PatternSet finds any of its patterns anywhere', async (t) => {
  const set = setOf('^a', 'b+c', 'z$');
  for (const text of ['a', 'xbbc', 'xyz', 'ax']) t.equal(set.isFoundIn(text), true, text);
  for (const text of ['', 'xa', 'zx', 'bb']) t.equal(set.isFoundIn(text), false, text);
});

t.test('PatternSet finds the last of many patterns', async (t) => {
  const set = setOf(...Array.from({ length: 50 }, (_, index) => `^host-${index}$`));
  t.equal(set.isFoundIn('host-49'), true);
  t.equal(set.isFoundIn('host-50'), false);
});

t.test('PatternSet keeps patterns apart that would change each other', async (t) => {
  const set = setOf(String.raw`\Qa.b`, '(?P<n>x)1', '(?P<n>y)2', '(?i)q');
  for (const text of ['a.b', 'x1', 'y2', 'Q']) t.equal(set.isFoundIn(text), true, text);
  for (const text of ['aXb', 'X1', 'x2']) t.equal(set.isFoundIn(text), false, text);
});

t.test('PatternSet can be without regard to case', async (t) => {
  const set = new PatternSet([parsePattern('^API$')], { longest: 10, ignoresCase: true });
  t.equal(set.isFoundIn('api'), true);
});

t.test('PatternSet does not judge a text that is too long', async (t) => {
  const set = new PatternSet([parsePattern('a')], { longest: 3, ignoresCase: false });
  t.equal(set.isFoundIn('aaa'), true);
  t.equal(set.isFoundIn('aaaa'), undefined);
});

const WORST = 'a'.repeat(4096);

/** Classics that hang a backtracking engine, each with a text that makes it hang. */
const CATASTROPHES: readonly [pattern: string, text: string][] = [
  ['^(a+)+$', `${WORST.slice(1)}!`],
  ['^(a|a)*$', `${WORST.slice(1)}!`],
  ['^(a|aa)+$', `${WORST.slice(1)}!`],
  ['^([a-zA-Z]+)*$', `${WORST.slice(1)}!`],
  ['(.*a){20}[^a]$', WORST],
  ['(x+x+)+y', 'x'.repeat(4096)],
  ['(?:.*)*(?:.*=.*)!', '='.repeat(4096)],
  ['(a?){100}a{100}!', WORST],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', WORST],
  ['^([\\w.-]+)+@([\\w-]+\\.)+x$', WORST],
];

for (const [pattern, text] of CATASTROPHES) {
  // Attacks: bounded.
  t.test(`PatternSet is not hung by ${pattern}`, async (t) => {
    const usedMs = cpuMsOfWork(() => t.equal(setOf(pattern).isFoundIn(text), false));
    // A backtracking engine would need longer than the universe has existed; the slowest here takes milliseconds.
    t.ok(usedMs < 5000);
  });
}

t.test('PatternSet agrees with the regular expressions of JavaScript', async () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', String.raw`\d`, '(?:ab|b)', '^', '$');
  const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}')).map(([one, times]) => {
    return one === '^' || one === '$' ? one : one + times;
  });
  const expression = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1'), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(expression, { minLength: 1, maxLength: 3 }), text, (expressions, given) => {
      const expected = expressions.some((one) => new RegExp(one).test(given));
      assert.equal(setOf(...expressions).isFoundIn(given), expected);
    }),
    { seed: 4, numRuns: 300 },
  );
});
