import t from 'tap';
import { answerDirectives, requestDirectives } from '#cache/directives.ts';
import { planFor, planMiss, silenceMs } from '#cache/plan.ts';
import { entry, NOW } from '../../fixtures/cache-entry.ts';

/** In few words, what becomes of a request for an answer of this age in seconds. */
function plan(request: string, answer: string, age: number): string {
  const directives = requestDirectives(request === '' ? [] : ['Cache-Control', request]);
  const made = planFor(directives, entry(['Cache-Control', answer]), NOW + age * 1000);
  if (made.act === 'refuse') return 'refuse';
  if (made.act === 'serve') return made.isStale ? `stale${made.refreshes ? ', refreshes' : ''}` : 'fresh';
  const { onError, onSilence } = made.mayServe;
  return `ask (${made.why})${onError ? ', or on error' : ''}${onSilence ? ', or on silence' : ''}`;
}

const CASES: readonly [request: string, answer: string, age: number, expected: string][] = [
  ['', 'max-age=60', 59, 'fresh'],
  ['', 'max-age=60', 60, 'ask (stale), or on silence'],
  ['', 'no-cache, max-age=60', 0, 'ask (request)'],
  ['no-cache', 'max-age=60', 0, 'ask (request)'],
  ['no-store', 'max-age=60', 0, 'fresh'],
  ['max-age=0', 'max-age=60', 0, 'fresh'],
  ['max-age=0', 'max-age=60', 1, 'ask (request)'],
  ['max-age=30', 'max-age=60', 30, 'fresh'],
  ['max-age=30', 'max-age=60', 31, 'ask (request), or on silence'],
  ['min-fresh=10', 'max-age=60', 50, 'fresh'],
  ['min-fresh=10', 'max-age=60', 51, 'ask (request), or on silence'],
  ['max-stale', 'max-age=60', 6000, 'stale'],
  ['max-stale=10', 'max-age=60', 70, 'stale'],
  ['max-stale=10', 'max-age=60', 71, 'ask (stale), or on silence'],
  ['max-stale=0', 'max-age=60', 60, 'stale'],
  ['max-stale', 'must-revalidate, max-age=60', 60, 'ask (stale)'],
  ['max-stale', 'proxy-revalidate, max-age=60', 60, 'ask (stale)'],
  ['max-stale', 's-maxage=60', 60, 'ask (stale)'],
  ['max-stale', 'no-cache, max-age=60', 60, 'ask (stale)'],
  ['max-stale, max-age=30', 'max-age=60', 61, 'ask (stale), or on silence'],
  ['', 'max-age=60, stale-while-revalidate=10', 69, 'stale, refreshes'],
  ['', 'max-age=60, stale-while-revalidate=10', 70, 'ask (stale), or on silence'],
  ['', 's-maxage=60, stale-while-revalidate=10', 65, 'ask (stale)'],
  ['max-age=100', 'max-age=60, stale-while-revalidate=10', 65, 'ask (stale), or on silence'],
  ['', 'max-age=60, stale-if-error=10', 69, 'ask (stale), or on error, or on silence'],
  ['', 'max-age=60, stale-if-error=10', 70, 'ask (stale), or on silence'],
  ['stale-if-error=10', 'max-age=60', 69, 'ask (stale), or on error, or on silence'],
  ['stale-if-error=10', 'max-age=60, must-revalidate', 69, 'ask (stale)'],
  ['no-cache', 'max-age=60, stale-if-error=10', 65, 'ask (stale)'],
  ['max-age=0', 'max-age=60, stale-if-error=10', 65, 'ask (stale)'],
  ['', 'max-age=60', 60 + 86_400, 'ask (stale)'],
  ['', 'max-age=60, stale-if-error=1000000', 60 + 86_400, 'ask (stale), or on error, or on silence'],
  ['only-if-cached', 'max-age=60', 59, 'fresh'],
  ['only-if-cached', 'max-age=60', 60, 'refuse'],
  ['only-if-cached, max-stale', 'max-age=60', 60, 'stale'],
  ['only-if-cached, no-cache', 'max-age=60', 0, 'refuse'],
];

t.test('planFor() does what request, answer and age say', async (t) => {
  for (const [request, answer, age, expected] of CASES)
    t.equal(plan(request, answer, age), expected, `"${request}" for "${answer}" at ${age} s`);
});

t.test('planFor() asks about what is kept', async (t) => {
  const kept = entry([]);
  t.match(planFor(requestDirectives([]), kept, NOW), { act: 'ask', kept });
});

t.test('planMiss() asks, unless only what is here is wanted', async (t) => {
  t.match(planMiss(requestDirectives([]), false), { act: 'ask', why: 'uri-miss', kept: undefined });
  t.match(planMiss(requestDirectives([]), true), { act: 'ask', why: 'vary-miss' });
  t.same(planMiss(requestDirectives(['Cache-Control', 'only-if-cached']), false), { act: 'refuse' });
});

t.test('silenceMs() is a day, or as long as either side says', async (t) => {
  const of = (request: string, answer: string): number =>
    silenceMs(requestDirectives(['Cache-Control', request]), answerDirectives(['Cache-Control', answer]));
  const dayMs = 86_400_000;
  t.equal(of('max-age=60', 'max-age=60'), dayMs);
  t.equal(of('max-age=60', 'stale-if-error=60'), dayMs);
  t.equal(of('max-age=60', 'stale-if-error=172800'), 2 * dayMs);
  t.equal(of('stale-if-error=259200', 'stale-if-error=172800'), 3 * dayMs);
});
