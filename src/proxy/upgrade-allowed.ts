/** Whether a request that asks to switch protocols may: Node has to know before it hands the connection over. */
import type { IncomingMessage } from 'node:http';
import { mayDependOnUser } from '#acl/credentials.ts';
import { authorise } from '#acl/permit.ts';
import type { Subject } from '#match/subject.ts';
import { upgradeWanted } from '#net/headers.ts';
import { parseRequestTarget } from '#net/request-target.ts';
import type { Connection } from './connection.ts';
import type { Generation } from './generation.ts';

/** The protocol that a request asks to switch to, and may by its head. */
export function wantedBy(request: IncomingMessage): string | undefined {
  return upgradeWanted(request);
}

const UNKNOWN = {
  destination: undefined,
  identity: undefined,
  sni: undefined,
};

/**
 * Whether a rule allows it, or may when the address is known, or a password that has yet to be checked; the transaction itself is
 * judged again, and that is what counts.
 */
export function isUpgradeAllowed(
  { policy, authenticator }: Pick<Generation, 'policy' | 'authenticator'>,
  connection: Connection,
  asked: { readonly request: IncomingMessage; readonly protocol: string },
): boolean {
  const method = asked.request.method ?? '';
  try {
    const target = parseRequestTarget(method, asked.request.url ?? '');
    const claim = authenticator?.claimOf(asked.request.rawHeaders);
    const isRight = claim && authenticator?.recall(claim);
    const subject: Subject = {
      ...UNKNOWN,
      user: isRight ? claim?.user : undefined,
      clientAddress: connection.clientAddress,
      listener: connection.listener,
      clientCert: connection.clientCert,
      method,
      host: target.authority.host,
      port: target.authority.port,
      timeMs: Date.now(),
      requestUrl: target.url,
      headers: asked.request.rawHeaders,
    };
    const word = authorise(policy, subject);
    if (word === 'needs-address') return true;
    const isOpen = claim !== undefined && isRight === undefined;
    if (isOpen && mayDependOnUser(policy, subject, word.rule)) return true;
    return word.granted ? word.rule.upgrade.has(asked.protocol) : word.wantsCredentials;
  } catch {
    // Not a target that can be read: the ordinary way gives it its 400.
    return false;
  }
}
