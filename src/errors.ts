/**
 * The closed set of reasons why a transaction did not simply complete, and the one error class that carries them.
 * One table maps each reason to its RFC 9209 type, status, source, outcome and whether another next hop may be tried; the
 * hints that clients are shown are in hints.ts. Replies, records and metrics all derive from these and nowhere else.
 */

import { HINTS } from './hints.ts';

/** Whose doing it was. A refusal (`policy`) is not a failure, and a client that left is neither. */
export type Source = 'client' | 'policy' | 'peer' | 'origin' | 'proxy';

/** How a transaction ended (docs/access-log.md). */
export type Outcome = 'completed' | 'denied' | 'limited' | 'failed' | 'client_gone' | 'drained' | 'revoked';

/** What is known about one reason. */
export interface ReasonFacts {
  /** Proxy error type of RFC 9209 section 2.3, where it has one. */
  readonly type: string | undefined;
  /** Status that our own reply carries; 0 where the reason can only arise after a reply has begun. */
  readonly status: number;
  readonly source: Source;
  readonly outcome: Outcome;
  /** Whether the fault is the next hop's own, so that another one may be tried before any reply byte. */
  readonly retryable: boolean;
  /** Reason phrase, and first words of the body. */
  readonly phrase: string;
  /** One line on what to check, shown to the client. */
  readonly hint: string;
}

/** Status, RFC 9209 type, phrase. */
type Row = readonly [status: number, type: string | undefined, phrase: string];

interface Common {
  readonly source: Source;
  readonly outcome: Outcome;
  readonly retryable?: true;
}

/** Rows that have whose doing it was, and how it ends, in common. */
function group<Name extends string>(
  common: Common,
  rows: Readonly<Record<Name, Row>>,
): Record<Name, Omit<ReasonFacts, 'hint'>> {
  const entries = Object.entries<Row>(rows).map(([name, [status, type, phrase]]) => [
    name,
    { status, type, phrase, retryable: false, ...common },
  ]);
  return Object.fromEntries(entries) as Record<Name, Omit<ReasonFacts, 'hint'>>;
}

/**
 * Statuses are those that RFC 9209 recommends, but for `destination_ip_prohibited` and `peer_auth_required`
 * (docs/adr/0008), and for `scheme_unsupported`, where 501 says more than a 4xx (RFC 9110 section 15.6.2).
 */
const TABLE = {
  ...group(
    { source: 'client', outcome: 'failed' },
    {
      request_malformed: [400, 'http_request_error', 'Malformed request'],
      request_timeout: [408, 'http_request_error', 'Request head took too long'],
      request_head_too_large: [431, 'http_request_error', 'Request head too large'],
      target_too_long: [414, 'http_request_error', 'Request target too long'],
      expectation_unsupported: [417, 'http_request_error', 'Expectation not supported'],
      not_cached: [504, undefined, 'Not in the cache'],
      proxy_header_missing: [0, undefined, 'No PROXY header'],
      scheme_unsupported: [501, 'http_request_error', 'Scheme not supported'],
    },
  ),
  ...group(
    { source: 'client', outcome: 'denied' },
    {
      assertion_refused: [403, 'http_request_denied', 'Identity assertion refused'],
    },
  ),
  ...group(
    { source: 'policy', outcome: 'denied' },
    {
      rule_denied: [403, 'http_request_denied', 'Denied'],
      credentials_wanted: [407, undefined, 'Credentials wanted'],
      no_rule_matched: [403, 'http_request_denied', 'Denied'],
      name_prohibited: [403, 'destination_ip_prohibited', 'Special name refused'],
      upgrade_not_allowed: [403, 'http_request_denied', 'Upgrade not allowed'],
      address_prohibited: [403, 'destination_ip_prohibited', 'Special-purpose address refused'],
      sni_mismatch: [0, undefined, 'Server name is not the host'],
      hello_missing: [0, undefined, 'No ClientHello'],
    },
  ),
  ...group({ source: 'policy', outcome: 'revoked' }, { policy_revoked: [0, undefined, 'No longer allowed'] }),
  ...group(
    { source: 'peer', outcome: 'failed', retryable: true },
    {
      peer_unavailable: [503, 'destination_unavailable', 'No peer can be reached'],
      peer_timeout: [504, 'connection_timeout', 'Peer did not answer in time'],
      peer_terminated: [502, 'connection_terminated', 'Peer closed the connection'],
      peer_protocol_error: [502, 'http_protocol_error', 'Peer answered nonsense'],
      peer_auth_required: [502, 'proxy_configuration_error', 'Peer wants other credentials'],
      peer_faulty: [502, undefined, 'Peer is at fault itself'],
      peer_is_self: [502, 'proxy_loop_detected', 'Peer leads back to this proxy'],
      tls_certificate_error: [502, 'tls_certificate_error', 'Certificate of the peer refused'],
      tls_alert_received: [502, 'tls_alert_received', 'Peer refused TLS'],
      tls_protocol_error: [502, 'tls_protocol_error', 'No TLS with the peer'],
    },
  ),
  ...group(
    { source: 'peer', outcome: 'failed' },
    {
      peer_failed: [502, undefined, 'Peer could not reach the target'],
    },
  ),
  ...group(
    { source: 'peer', outcome: 'denied' },
    {
      peer_refused: [502, undefined, 'Refused by peer'],
    },
  ),
  ...group(
    { source: 'origin', outcome: 'failed' },
    {
      dns_error: [502, 'dns_error', 'Name cannot be resolved'],
      dns_timeout: [504, 'dns_timeout', 'Name resolution timed out'],
      connection_refused: [502, 'connection_refused', 'Target refused the connection'],
      connection_timeout: [504, 'connection_timeout', 'Target did not answer in time'],
      connection_terminated: [502, 'connection_terminated', 'Target closed the connection'],
      destination_unavailable: [503, 'destination_unavailable', 'Target cannot be reached'],
      destination_unroutable: [502, 'destination_ip_unroutable', 'No network path to the target'],
      response_malformed: [502, 'http_protocol_error', 'Target answered nonsense'],
      response_incomplete: [502, 'http_response_incomplete', 'Target broke off its answer'],
      response_timeout: [504, 'http_response_timeout', 'Target was silent too long'],
      upgrade_failed: [502, 'http_upgrade_failed', 'Upgrade failed'],
    },
  ),
  ...group(
    { source: 'proxy', outcome: 'failed' },
    {
      no_route: [500, 'proxy_configuration_error', 'No route'],
      loop_detected: [502, 'proxy_loop_detected', 'Proxy loop'],
      saturated: [503, 'connection_limit_reached', 'Out of connections'],
      connections_exceeded: [503, 'connection_limit_reached', 'Too many connections'],
      ports_exhausted: [503, 'connection_limit_reached', 'Out of local ports'],
      source_unavailable: [500, 'proxy_configuration_error', 'Source address is not ours'],
      peers_full: [503, 'connection_limit_reached', 'Every peer is full'],
      credentials_unchecked: [503, undefined, 'Too many passwords to check'],
      audit_unavailable: [503, 'proxy_internal_error', 'Audit trail cannot be written'],
      assertion_unchecked: [500, 'proxy_internal_error', 'Identity assertion cannot be checked'],
      internal_error: [500, 'proxy_internal_error', 'Internal error'],
    },
  ),
  ...group(
    { source: 'proxy', outcome: 'limited' },
    {
      pipelining_exceeded: [0, undefined, 'Too many requests ahead of their answers'],
      client_connections_exceeded: [429, undefined, 'Too many connections of one client'],
      requests_exceeded: [429, undefined, 'Too many requests'],
      tunnels_exceeded: [429, undefined, 'Too many open tunnels'],
      bandwidth_exceeded: [429, undefined, 'Bandwidth used up'],
      bytes_exceeded: [429, undefined, 'Bytes of the day used up'],
    },
  ),
  ...group(
    { source: 'proxy', outcome: 'drained' },
    {
      draining: [503, undefined, 'Shutting down'],
      drain_timeout: [503, undefined, 'Drain time over'],
    },
  ),
  ...group(
    { source: 'proxy', outcome: 'completed' },
    {
      idle_timeout: [0, undefined, 'Idle too long'],
      lifetime_reached: [0, undefined, 'Lifetime reached'],
      linger_timeout: [0, undefined, 'Half-closed too long'],
    },
  ),
  ...group(
    { source: 'client', outcome: 'client_gone' },
    {
      client_gone: [0, undefined, 'Client left'],
    },
  ),
};

/** One token of the closed set; the same in code, log field and metric label. */
export type Reason = keyof typeof TABLE;

/** One for each reason: without one it does not compile. */
const hints: Readonly<Record<Reason, string>> = HINTS;

/** Every reason with its facts. */
export const REASONS: Readonly<Record<Reason, ReasonFacts>> = Object.freeze(
  Object.fromEntries(
    (Object.keys(TABLE) as Reason[]).map((reason) => [
      reason,
      Object.freeze({ ...TABLE[reason], hint: hints[reason] }),
    ]),
  ) as Record<Reason, ReasonFacts>,
);

/** What may accompany a {@link ProxyError}. None of it reaches the client but `rule` and `advice`. */
export interface ProxyErrorOptions {
  /** What failed, for the log: capital, failed action first, values quoted, no final period. */
  readonly detail?: string;
  readonly cause?: unknown;
  /** Name of the access rule that decided. */
  readonly rule?: string | undefined;
  /** What its operators have to say to a client whom it refuses. */
  readonly advice?: string | undefined;
}

/** A transaction cannot go on, for a reason of the closed set. */
export class ProxyError extends Error {
  readonly reason: Reason;
  readonly rule: string | undefined;
  readonly advice: string | undefined;

  constructor(reason: Reason, options: ProxyErrorOptions = {}) {
    super(options.detail ?? REASONS[reason].phrase, { cause: options.cause });
    this.name = 'ProxyError';
    this.reason = reason;
    this.rule = options.rule;
    this.advice = options.advice;
  }

  /** Wraps anything thrown: a ProxyError stays itself, all else is a fault of ours. */
  static from(thrown: unknown): ProxyError {
    if (thrown instanceof ProxyError) return thrown;
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return new ProxyError('internal_error', { detail, cause: thrown });
  }
}
