/** The status line that is foretold: of the answer that one hop gives, and of what the client of a chain sees of it. */
import { authorise } from '#acl/permit.ts';
import { ProxyError, REASONS } from '#errors.ts';
import { UNHEARD } from '#match/subject.ts';
import { ESTABLISHED_LINE, statusLine } from '#net/status-line.ts';
import type { HopAnswer } from './explain-hop.ts';

/** Of the answer that the hop's own client gets; undefined where the origin makes it, or it is not certain. */
export function statusOf(answer: HopAnswer): string | undefined {
  const { tier, subject, verdict, error } = answer;
  if (error !== undefined && isCutLater(answer)) return ESTABLISHED_LINE;
  if (error !== undefined) return statusLine(tier.config.name, error);
  return verdict === 'allow' && subject.method === 'CONNECT' ? ESTABLISHED_LINE : undefined;
}

/** Whether it takes the ClientHello to refuse the tunnel, which has had its 200 by then. */
function isCutLater({ tier, subject, error }: HopAnswer): boolean {
  if (error?.reason === 'sni_mismatch') return true;
  if (error === undefined || REASONS[error.reason].source !== 'policy' || subject.method !== 'CONNECT')
    return false;
  const word = authorise(tier.policy, { ...subject, sni: UNHEARD });
  return word !== 'needs-address' && word.granted && word.needsHello;
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
