/**
 * The first line of an answer that Weir makes itself, so that what is foretold of an answer and what is sent are the same.
 * ASCII, short, and without anything the client sent: many clients show this and nothing else.
 */
import { type ProxyError, REASONS } from '#errors.ts';

/** Of the answer that opens a tunnel. */
export const ESTABLISHED_LINE = 'HTTP/1.1 200 Connection established';

/** Reason phrase of the answer with which the hop of this name refuses or fails. */
export function reasonPhrase(hop: string, { reason, rule }: Pick<ProxyError, 'reason' | 'rule'>): string {
  if (reason === 'rule_denied') return `Denied by ${hop} rule ${rule}`;
  if (reason === 'no_rule_matched') return `Denied by ${hop}, no rule allows it`;
  return `${REASONS[reason].phrase} (${hop})`;
}

/** Status line of that answer. */
export function statusLine(hop: string, error: Pick<ProxyError, 'reason' | 'rule'>): string {
  return `HTTP/1.1 ${REASONS[error.reason].status} ${reasonPhrase(hop, error)}`;
}
