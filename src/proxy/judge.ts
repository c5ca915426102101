/**
 * What comes before any way out: who asks, where credentials say so, and whether that is allowed. Without `auth` nobody is
 * asked who it is, and nothing is looked at.
 */
import { listOf, type RawHeaders } from '#net/headers.ts';
import { admit, type Passage } from './admit.ts';
import type { Transaction } from './transaction.ts';

/** At once where nothing takes time. @throws {ProxyError} as {@link admit}; `saturated` where too many passwords wait */
export function judge(tx: Transaction, headers: RawHeaders): Passage | Promise<Passage> {
  const via = listOf(headers, 'via');
  const { authenticator } = tx.generation;
  if (authenticator === undefined) return admit(tx, via);
  const user = authenticator.identify(headers);
  if (user instanceof Promise) return judgeLater(tx, user, via);
  tx.user = user;
  return admit(tx, via);
}

async function judgeLater(
  tx: Transaction,
  user: Promise<string | undefined>,
  via: string | undefined,
): Promise<Passage> {
  tx.user = await tx.abort.race(user);
  return await admit(tx, via);
}
