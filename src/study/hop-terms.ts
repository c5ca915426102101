/** What one hop wants of the other before it listens, and what it tells it: the words of `weir explain` and `weir diagram`. */
import { isForHost } from '#acl/server-name.ts';
import type { ListenerOptions } from '#config/config.ts';
import type { AssertOptions, HopOptions, VerifyOptions } from '#hop/options.ts';
import type { Subject } from '#match/subject.ts';
import type { PeerOptions } from '#peer/options.ts';
import type { HopAnswer } from './explain-hop.ts';

/** Which sides show a certificate. */
export type Security = 'TLS' | 'mutual TLS';

/** Undefined: plain TCP. */
export function securityOfPeer({ tls }: Pick<PeerOptions, 'tls'>): Security | undefined {
  return tls && (tls.own === undefined ? 'TLS' : 'mutual TLS');
}

/** Undefined: plain TCP. */
export function securityOfListener({ tls }: Pick<ListenerOptions, 'tls'>): Security | undefined {
  return tls && (tls.clientCa === undefined ? 'TLS' : 'mutual TLS');
}

/** Whether the peer is told who asks. */
export function isTold({ hop }: Pick<PeerOptions, 'hop'>, { assert }: Pick<HopOptions, 'assert'>): boolean {
  return hop && assert !== undefined;
}

/** Whether a hop has the key that the one before it signs by. Of keys that were not to be read nothing is known against it. */
export function hasKeyOf(verify: VerifyOptions, { keys: [signing] }: AssertOptions): boolean {
  if (signing === undefined || verify.keys.length === 0) return true;
  return verify.keys.some(({ kid }) => kid === signing.kid);
}

/** Whether the next hop believes what it is told, as `address`, of who asks. */
export function isBelieved(address: string, { assert }: HopOptions, { verify }: HopOptions): boolean {
  if (assert === undefined || verify === undefined) return false;
  return hasKeyOf(verify, assert) && verify.audience.includes(address);
}

/** What the listener wants of a client; undefined: a connection is enough. */
export function listenerTerms({ tier, subject }: Pick<HopAnswer, 'tier' | 'subject'>): string | undefined {
  const listener = tier.config.listeners.find(({ name }) => name === subject.listener);
  const security = listener && securityOfListener(listener);
  if (security === undefined) return undefined;
  const shown = security === 'TLS' ? 'clients show no certificate' : 'with a certificate of clientCa';
  return `listener ${subject.listener}: ${security}, ${shown}`;
}

/** What the peer has to show and is told; undefined: nothing. */
export function peerTerms(peer: PeerOptions, hop: HopOptions): string | undefined {
  const security = securityOfPeer(peer);
  const terms = [
    ...(security === undefined ? [] : [`${security}, its certificate has to name ${peer.tls?.serverName}`]),
    ...(isTold(peer, hop) ? ['it is told who asks (hop.assert)'] : []),
  ];
  return terms.length === 0 ? undefined : `peer ${peer.name}: ${terms.join('; ')}`;
}

/** What the ClientHello of a tunnel is held against, by the rule that allows it; undefined: nobody reads it. */
export function helloTerms({ trace, subject }: Pick<HopAnswer, 'trace' | 'subject'>): string | undefined {
  const { rule, verdict } = trace;
  if (verdict !== 'allow' || subject.method !== 'CONNECT') return undefined;
  if (rule?.sni === 'log') return 'sni log: server name and ALPN of the ClientHello are recorded';
  return rule?.sni === 'verify'
    ? `sni verify: the ClientHello has to name ${wantedName(subject)}`
    : undefined;
}

function wantedName({ host }: Subject): string {
  return isForHost(undefined, host) ? 'no server' : host.text;
}
