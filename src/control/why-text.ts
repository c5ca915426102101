/** What `weir cache why` prints for people: what is kept of a URL or why nothing is, and what would become of a request for it now. */
import type { HostPurge } from '#cache/purged-hosts.ts';
import type { NextAct, NextView } from '#cache/question.ts';
import { keptLines } from './kept-text.ts';
import { partitionText } from './partition-text.ts';
import type { ProcessView, WhyResult } from './protocol.ts';
import { reasonText } from './reason-text.ts';
import { countText, momentText, spanText } from './text.ts';

const NEXT: Readonly<Record<NextAct, string>> = {
  hit: 'is a hit: it is fresh, and given at once (RFC 9111 section 4)',
  stale: 'is served stale: the request takes it over its time (RFC 9111 section 5.2.1.2)',
  refresh:
    'is served stale: it is given over its time, and the next hop is asked about it meanwhile (RFC 5861 section 3)',
  revalidate: 'is revalidated: the next hop is asked whether it is still good (RFC 9111 section 4.3)',
  reload: 'is revalidated: the request wants an answer of now (RFC 9111 section 5.2.1)',
  replace:
    'is a miss: it is over its time, and has no ETag or Last-Modified to ask about it by (RFC 9111 section 4.2.4)',
  'vary-miss':
    'is a miss: what is kept was chosen by other fields of the request, see --header (RFC 9111 section 4.1)',
  'uri-miss': 'is a miss: the next hop is asked (RFC 9111 section 4)',
  refuse: 'is answered 504 not_cached: the request wants only what is here (RFC 9111 section 5.2.1.7)',
  bypass:
    'is a bypass: the cache answers GET and HEAD alone, without a body, Expect or Trailer (RFC 9111 section 4)',
  invalidate:
    'is a bypass: it may change the resource, and what is kept of it is taken out (RFC 9111 section 4.4)',
  uncached: 'goes to the next hop without the cache: no rule that can allow it has "cache: true"',
  denied: 'is refused: no rule can allow it, whoever asks',
};

export function whyText(result: WhyResult): string {
  const { url, processes } = result;
  const lines = [url, ...summary(result), '', ...processLines(result)];
  const next = processes.flatMap(({ next = [] }) => next.flatMap((each) => nextLines(each, result)));
  return `${[...lines, ...new Set(next)].join('\n')}\n`;
}

function nextLines({ partition, rules, act, spare }: NextView, { method }: WhyResult): string[] {
  const whose = partition === undefined ? rules && `rule ${rules.join(' or ')}` : partitionText(partition);
  const line = `A ${method} now${whose === undefined ? '' : ` by ${whose}`} ${NEXT[act]}`;
  if (spare === undefined) return [line];
  const failure = spare.onError ? 'does not answer, or fails' : 'does not answer';
  return [
    line,
    `If the next hop ${failure}, what is kept is served stale until ${momentText(spare.untilMs)} (RFC 9111 section 4.2.4)`,
  ];
}

function summary({ processes, complete }: WhyResult): string[] {
  const count = processes.reduce((sum, { kept = [] }) => sum + kept.length, 0);
  const of = processes.length === 1 ? '' : `, in ${countText(processes.length, 'process', 'processes')}`;
  const lines = [
    count === 0 ? `Nothing is kept${of}.` : `${countText(count, 'answer is', 'answers are')} kept${of}.`,
  ];
  if (!complete) lines.push('Not every process has answered: there may be more.');
  return lines;
}

/** Processes that say the same are told of together. */
function processLines(result: WhyResult): string[] {
  const pids = new Map<string, (number | null)[]>();
  for (const process of result.processes) {
    const text = viewLines(process, result).join('\n');
    pids.set(text, [...(pids.get(text) ?? []), process.pid]);
  }
  const isOne = result.processes.length === 1;
  return [...pids].flatMap(([text, those]) => {
    const head = isOne ? [] : [`${those.length === 1 ? 'Process' : 'Processes'} ${those.join(', ')}`];
    return [...head, ...text.split('\n').map((line) => (isOne ? line : `  ${line}`)), ''];
  });
}

function viewLines({ kept, note, hostPurge, isUnderWay }: ProcessView, result: WhyResult): string[] {
  if (kept === undefined) return ['does not answer'];
  const nowMs = Date.parse(result.time);
  const lines = kept.flatMap((each) => keptLines(each, nowMs));
  if (hostPurge !== undefined) lines.push(hostPurgeText(hostPurge, nowMs));
  if (note !== undefined) lines.push(`Last seen ${spanText(nowMs - note.atMs)} ago: ${reasonText(note)}`);
  else if (kept.length === 0) lines.push(...unknownLines(result, hostPurge && 'then'));
  if (isUnderWay === true) lines.push('It is being fetched just now.');
  return lines;
}

/** Which of its URLs were kept is not remembered. */
function hostPurgeText({ host, atMs }: HostPurge, nowMs: number): string {
  const when = `${momentText(atMs)}, ${spanText(nowMs - atMs)} ago`;
  return `All of ${host} was purged by hand at ${when}: nothing kept of it until then is used any more.`;
}

/** Nothing was seen: whether anything could have been. */
function unknownLines({ rules: { caching, possible } }: WhyResult, since = 'the start'): string[] {
  if (caching.length === 0) return ['No rule in force has "cache: true", so nothing is ever kept.'];
  if (possible.length === 0)
    return [`No rule with "cache: true" can allow it (${caching.join(', ')}): see weir explain.`];
  return [
    `Nobody has asked for it since ${since}, or what was kept has made room for others.`,
    `It is kept where it is allowed by rule ${possible.join(' or ')}: weir explain tells for whom.`,
  ];
}
