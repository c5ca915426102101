/** What is kept under a URL, and what would become of a request for it, in words for another process. Pure: the clock is an argument. */
import { hasField } from '#net/headers.ts';
import { isAnswerable, isUnsafe } from './answerable.ts';
import { revalidationFields } from './conditional.ts';
import type { CacheDesk } from './desk.ts';
import { type Directives, requestDirectives } from './directives.ts';
import { type Entry, isHeld } from './entry.ts';
import { ageOf } from './freshness.ts';
import { type Plan, planFor, planMiss, STRICT, silenceMs } from './plan.ts';
import type {
  CacheView,
  KeptView,
  LifetimeBy,
  NextAct,
  NextView,
  Sight,
  Spare,
  SupposedRequest,
} from './question.ts';
import { selectionOf } from './vary.ts';

/** Of a request that says nothing of caches. */
const NO_WISH = requestDirectives([]);

/** Of one process. */
export async function viewOf(desk: CacheDesk, request: SupposedRequest, sight: Sight): Promise<CacheView> {
  // What is on a disk may take its time.
  const entries = await desk.all(request.url);
  return {
    kept: entries.map((entry) => keptView(entry, request, sight)),
    isUnderWay: desk.isUnderWay(request.url),
    note: desk.notes.of(request.url),
    hostPurge: desk.notes.purgedHosts.of(request.url),
    next: nextViews(entries, request, sight),
  };
}

function keptView(entry: Entry, request: SupposedRequest, sight: Sight): KeptView {
  const { partition, status, body, names, headers, directives, freshness, answerMs } = entry;
  const strictBy = STRICT.find((name) => directives.has(name));
  return {
    partition,
    status,
    bodyBytes: body.length,
    isOnDisk: !isHeld(entry),
    varies: names,
    isChosen: isChosen(entry, request),
    storedMs: answerMs,
    ageMs: ageOf(freshness, sight.nowMs),
    lifetimeMs: freshness.lifetimeMs,
    lifetimeBy: lifetimeBy(entry),
    validators: ['ETag', 'Last-Modified'].filter((name) => hasField(headers, name.toLowerCase())),
    staleWhileRevalidateMs: millis(directives, 'stale-while-revalidate'),
    staleIfErrorMs: millis(directives, 'stale-if-error'),
    silenceMs: strictBy === undefined ? silenceMs(NO_WISH, directives) : undefined,
    strictBy,
    isInForce: isInForce(partition, sight),
  };
}

function isInForce(partition: string, { rules, routes }: Sight): boolean {
  const [rule = '', route = ''] = partition.split(' ');
  return rules.possible.includes(rule) && routes.includes(route);
}

function isChosen({ names, selection }: Entry, { headers }: SupposedRequest): boolean {
  return selectionOf(names, headers) === selection;
}

function lifetimeBy({ directives, freshness }: Entry): LifetimeBy {
  if (freshness.isGuessed) return freshness.lifetimeMs > 0 ? 'guess' : 'nothing';
  if (directives.has('s-maxage')) return 's-maxage';
  return directives.has('max-age') ? 'max-age' : 'expires';
}

function millis(directives: Directives, name: string): number | undefined {
  const seconds = directives.seconds(name);
  return seconds === undefined ? undefined : seconds * 1000;
}

function nextViews(entries: readonly Entry[], request: SupposedRequest, sight: Sight): NextView[] {
  const act = actOfAll(request, sight);
  if (act !== undefined) return [{ partition: undefined, act }];
  const usable = entries.filter(({ partition }) => isInForce(partition, sight));
  const views = [...new Set(usable.map(({ partition }) => partition))].map((partition) => {
    // The newest first, as the store looks for them.
    const entry = usable.find((each) => each.partition === partition && isChosen(each, request));
    return { partition, ...nextOf(entry, requestDirectives(request.headers), sight.nowMs) };
  });
  return [...views, ...missing(views, request, sight)];
}

/** What becomes of it whatever is kept; undefined: that depends. */
function actOfAll({ method, headers }: SupposedRequest, { rules }: Sight): NextAct | undefined {
  const isCached = rules.possible.length > 0;
  if (!isCached && rules.others.length === 0) return 'denied';
  if (isUnsafe(method)) return 'invalidate';
  if (!isCached) return 'uncached';
  return isAnswerable(method, headers) ? undefined : 'bypass';
}

function nextOf(
  entry: Entry | undefined,
  directives: Directives,
  nowMs: number,
): Pick<NextView, 'act' | 'spare'> {
  if (entry === undefined) return { act: actOf(planMiss(directives, true)) };
  const plan = planFor(directives, entry, nowMs);
  return { act: actOf(plan), spare: spareOf(plan, entry, directives) };
}

function spareOf(plan: Plan, { freshness, ...kept }: Entry, directives: Directives): Spare | undefined {
  if (plan.act !== 'ask' || !plan.mayServe.onSilence) return undefined;
  const untilMs = freshness.bornMs + freshness.lifetimeMs + silenceMs(directives, kept.directives);
  return { untilMs, onError: plan.mayServe.onError };
}

/** For clients of the rules for which nothing is kept. */
function missing(views: readonly NextView[], { headers }: SupposedRequest, { rules }: Sight): NextView[] {
  const act = actOf(planMiss(requestDirectives(headers), false));
  if (views.length === 0) return [{ partition: undefined, act }];
  const having = new Set(views.map(({ partition }) => partition?.split(' ')[0]));
  const without = rules.possible.filter((name) => !having.has(name));
  return without.length === 0 ? [] : [{ partition: undefined, rules: without, act }];
}

function actOf(plan: Plan): NextAct {
  if (plan.act === 'refuse') return 'refuse';
  if (plan.act === 'serve') {
    if (plan.refreshes) return 'refresh';
    return plan.isStale ? 'stale' : 'hit';
  }
  if (plan.why === 'uri-miss' || plan.why === 'vary-miss') return plan.why;
  if (plan.why === 'request') return 'reload';
  return plan.kept !== undefined && revalidationFields(plan.kept) !== undefined ? 'revalidate' : 'replace';
}
