/** What is kept under a URL, and what would become of a request for it, in words for another process. Pure: the clock is an argument. */
import { hasField } from '#net/headers.ts';
import { isAnswerable, isUnsafe } from './answerable.ts';
import { revalidationFields } from './conditional.ts';
import type { CacheDesk } from './desk.ts';
import { type Directives, requestDirectives } from './directives.ts';
import { type Entry, isHeld } from './entry.ts';
import { ageOf } from './freshness.ts';
import { type Plan, planFor, planMiss, STRICT } from './plan.ts';
import type { CacheView, KeptView, LifetimeBy, NextAct, NextView, SupposedRequest } from './question.ts';
import { selectionOf } from './vary.ts';

/** Of one process. */
export async function viewOf(desk: CacheDesk, request: SupposedRequest, nowMs: number): Promise<CacheView> {
  // What is on a disk may take its time.
  const entries = await desk.all(request.url);
  return {
    kept: entries.map((entry) => keptView(entry, request, nowMs)),
    isUnderWay: desk.isUnderWay(request.url),
    note: desk.notes.of(request.url),
    hostPurge: desk.notes.purgedHosts.of(request.url),
    next: nextViews(entries, request, nowMs),
  };
}

function keptView(entry: Entry, request: SupposedRequest, nowMs: number): KeptView {
  const { partition, status, body, names, headers, directives, freshness, answerMs } = entry;
  return {
    partition,
    status,
    bodyBytes: body.length,
    isOnDisk: !isHeld(entry),
    varies: names,
    isChosen: isChosen(entry, request),
    storedMs: answerMs,
    ageMs: ageOf(freshness, nowMs),
    lifetimeMs: freshness.lifetimeMs,
    lifetimeBy: lifetimeBy(entry),
    validators: ['ETag', 'Last-Modified'].filter((name) => hasField(headers, name.toLowerCase())),
    staleWhileRevalidateMs: millis(directives, 'stale-while-revalidate'),
    staleIfErrorMs: millis(directives, 'stale-if-error'),
    strictBy: STRICT.find((name) => directives.has(name)),
  };
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

function nextViews(entries: readonly Entry[], request: SupposedRequest, nowMs: number): NextView[] {
  const { method, headers } = request;
  if (isUnsafe(method)) return [{ partition: undefined, act: 'invalidate' }];
  if (!isAnswerable(method, headers)) return [{ partition: undefined, act: 'bypass' }];
  const directives = requestDirectives(headers);
  const partitions = [...new Set(entries.map(({ partition }) => partition))];
  if (partitions.length === 0) return [{ partition: undefined, act: actOf(planMiss(directives, false)) }];
  return partitions.map((partition) => {
    // The newest first, as the store looks for them.
    const entry = entries.find((each) => each.partition === partition && isChosen(each, request));
    const plan = entry === undefined ? planMiss(directives, true) : planFor(directives, entry, nowMs);
    return { partition, act: actOf(plan) };
  });
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
