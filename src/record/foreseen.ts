/**
 * Series that are there from the start, at 0: to Prometheus the first value of a series is no change, so that `rate()` and `increase()`
 * would not see the first refusal of a kind. Failures are not among them: their alerts ask for several, and whoever looks for a reason
 * would find it among dozens that never were.
 */
import { REASONS } from '#errors.ts';
import { HOP_FIELDS } from '#net/headers.ts';
import type { QueryResult } from '#net/resolver.ts';
import type { Tally } from './tally.ts';

/** What a process can expect, by its configuration. */
export interface Foreseen {
  /** Names of listeners. */
  readonly listeners: readonly string[];
  /** Of these, those with TLS. */
  readonly secure: readonly string[];
  /** What a handshake fails of. */
  readonly handshakeCauses: readonly string[];
  /** Names of limits. */
  readonly limits: readonly string[];
  /** What becomes of assertions. */
  readonly assertions: readonly string[];
}

interface Tallies {
  readonly requests: Tally;
  readonly handshakes: Tally;
  readonly limitHits: Tally;
  readonly assertions: Tally;
  readonly dnsQueries: Tally;
}

/** Of nearly all that comes. */
const METHODS = ['CONNECT', 'GET'];
const REFUSALS = Object.entries(REASONS).filter(([, { outcome }]) => outcome === 'denied');
const RESULTS: Readonly<Record<QueryResult, true>> = {
  ok: true,
  cached: true,
  hosts: true,
  stale: true,
  nxdomain: true,
  nodata: true,
  servfail: true,
  timeout: true,
  error: true,
};

/** Those of fields that only a trusted hop may send. */
export function foreseeFields(forged: Tally): void {
  for (const field of HOP_FIELDS) forged.at(field);
}

/** Makes them, where they are not there. */
export function foresee(tallies: Tallies, what: Foreseen): void {
  const { requests, handshakes, limitHits, assertions, dnsQueries } = tallies;
  for (const listener of what.listeners)
    for (const method of METHODS)
      for (const [reason, { outcome }] of REFUSALS) requests.at(listener).at(method).at(outcome).at(reason);
  for (const listener of what.secure)
    for (const cause of what.handshakeCauses) handshakes.at(listener).at(cause);
  for (const limit of what.limits) limitHits.at(limit);
  for (const result of what.assertions) assertions.at(result);
  for (const result of Object.keys(RESULTS)) dnsQueries.at(result);
}
