/**
 * Whose answer it is that came from a next hop, as far as it tells: a peer's, about itself or about the target, or the
 * origin's. A 407 is nobody's to pass on (RFC 9110 section 15.5.8): the proxy that a client knows is this one.
 */
import { ProxyError, REASONS } from '#errors.ts';
import { hasField } from '#net/headers.ts';
import type { ProxyStatus } from '#net/proxy-status.ts';
import { describeAnswer, reasonGiven, wordOf } from '#peer/refusal.ts';
import type { AnswerHead } from './answer-head.ts';
import type { Hop } from './next-hops.ts';

export interface Judgement {
  /** What a hop of ours says of the answer, and is believed. */
  readonly word: ProxyStatus | undefined;
  /** The fault that is told; undefined where the answer is the target's, as far as it tells. */
  readonly fault: ProxyError | undefined;
}

export function judgeAnswer({ peer }: Hop, { status, headers }: AnswerHead): Judgement {
  if (peer === undefined) return { word: undefined, fault: faultOfOrigin(status) };
  // An origin can write Proxy-Status too, but no hop of ours lets its Weir-Transaction pass.
  const isMarked = hasField(headers, 'weir-transaction');
  const word = isMarked ? wordOf(peer.options, headers) : undefined;
  const reason = reasonGiven(status, word);
  if (reason === undefined) return { word, fault: faultOfOrigin(status) };
  return { word, fault: new ProxyError(reason, { detail: describeAnswer(peer.options, status, word) }) };
}

function faultOfOrigin(status: number): ProxyError | undefined {
  return status === 407
    ? new ProxyError('response_malformed', { detail: 'The target answered 407' })
    : undefined;
}

/**
 * Keeps from the client what it must not see, or need not as another peer may be asked.
 * @throws {ProxyError} the fault that is told
 */
export function withhold({ fault }: Judgement, status: number, mayAskNext: boolean): void {
  if (fault !== undefined && (status === 407 || (mayAskNext && REASONS[fault.reason].retryable))) throw fault;
}
