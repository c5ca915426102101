/** The status line that is foretold: of the answer that one hop gives, and of what the client of a chain sees of it. */
import { ProxyError } from '#errors.ts';
import { ESTABLISHED_LINE, statusLine } from '#net/status-line.ts';
import type { HopAnswer } from './explain-hop.ts';

/** Of the answer that the hop's own client gets; undefined where the origin makes it, or it is not certain. */
export function statusOf({ tier, subject, verdict, error }: HopAnswer): string | undefined {
  if (error !== undefined) return statusLine(tier.config.name, error);
  return verdict === 'allow' && subject.method === 'CONNECT' ? ESTABLISHED_LINE : undefined;
}

/**
 * What the client of `first` sees of the answer of `last`, which that passed the request on to: the same, but where `first`
 * is asked who it is.
 */
export function statusThrough(first: HopAnswer, last: HopAnswer): string | undefined {
  if (first.verdict !== 'allow') return undefined;
  return last.error?.reason === 'credentials_wanted'
    ? statusLine(first.tier.config.name, new ProxyError('peer_auth_required'))
    : statusOf(last);
}
