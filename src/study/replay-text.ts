/** The result of a replay, for people and for programs. */
import { hostPort } from '#net/authority.ts';
import type { Change, ChangedRequests, Listing, ReplayResult } from './replay.ts';
import type { Sightings } from './sightings.ts';

const NUMBER = new Intl.NumberFormat('en');

/** Lines for people, with at most `top` requests for each rule. Counts are whole, whatever is shown. */
export function replayText(result: ReplayResult, top: number): string {
  const { lines, judged, changed, otherRule, broken, policy, notJudged, changes } = result;
  const head = [
    `${number(lines)} ${lines === 1 ? 'line' : 'lines'}, ${number(judged)} judged by policy ${policy}`,
    `${number(changed)} would change, ${number(judged - changed)} would not` +
      (otherRule === 0 ? '' : `, ${number(otherRule)} of them decided by another rule`),
  ];
  const notes = [
    ...notJudged.map(({ why, count }) => `${number(count)} not judged: ${why}`),
    ...(broken === 0 ? [] : [`${number(broken)} broken`]),
  ];
  const text = [...head, ...notes, ...changes.flatMap((change) => ['', ...changeLines(change, top)])];
  return `${text.join('\n')}\n`.replaceAll(/[^\P{Cc}\n]/gu, '?');
}

function changeLines(change: Change, top: number): string[] {
  const { from, to, hosts, clients, requests } = change;
  return [
    `Would be ${done(to)}, was ${done(from)}, ${by(change)}: ${seen(change)}`,
    ...listed('hosts', hosts, { text: ({ name }) => name, top }),
    ...listed('clients', clients, { text: ({ name }) => name, top }),
    ...listed('requests', requests, { text: requestText, top }),
  ];
}

function by({ to, rule }: Change): string {
  if (rule !== undefined) return `by rule ${rule}`;
  return to === 'deny' ? 'for want of a rule that allows it' : 'by one of several rules';
}

function requestText({ client, method, host, port, wasBy }: ChangedRequests): string {
  return `${client} ${method} ${hostPort(host, port)}, was ${wasBy}`;
}

function listed<Row extends Sightings>(
  what: string,
  { rows, notListed }: Listing<Row>,
  { text, top }: { readonly text: (row: Row) => string; readonly top: number },
): string[] {
  const hidden = rows.slice(top);
  return [
    `  ${what}`,
    ...rows.slice(0, top).map((row) => `    ${text(row)}: ${seen(row)}`),
    ...(hidden.length === 0
      ? []
      : [`    and ${number(hidden.length)} more, seen ${number(sum(hidden))} times; --top shows more`]),
    ...(notListed === 0
      ? []
      : [`    and others, seen ${number(notListed)} times, that there was no room to tell apart`]),
  ];
}

/** `12, 2026-11-23T02:00:01Z to 2026-11-23T09:00:00Z` */
function seen({ count, firstMs, lastMs }: Sightings): string {
  return `${number(count)}, ${time(firstMs)} to ${time(lastMs)}`;
}

function done(verdict: Change['to']): string {
  return verdict === 'allow' ? 'allowed' : 'denied';
}

/** RFC 3339 in UTC, whole seconds. */
function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function number(value: number): string {
  return NUMBER.format(value);
}

function sum(list: readonly Sightings[]): number {
  return list.reduce((total, { count }) => total + count, 0);
}

/** What a program reads: the result, with times in RFC 3339. */
export function replayJson(result: ReplayResult): object {
  const changes = result.changes.map(({ hosts, clients, requests, ...change }) => ({
    ...dated(change),
    rule: change.rule ?? null,
    hosts: datedListing(hosts),
    clients: datedListing(clients),
    requests: datedListing(requests),
  }));
  return { ...result, changes };
}

function datedListing<Row extends Sightings>({ rows, notListed }: Listing<Row>) {
  return { rows: rows.map(dated), notListed };
}

function dated<Row extends Sightings>({ firstMs, lastMs, ...row }: Row) {
  return { ...row, first: new Date(firstMs).toISOString(), last: new Date(lastMs).toISOString() };
}
