/**
 * What comes before any way out: who asks, where credentials say so, and whether that is allowed. Without `auth` nobody is
 * asked who it is, and nothing is looked at. A password is not checked where the answer is a refusal whoever it is: else all who can
 * connect could keep the checks busy.
 */
import { mayDependOnUser } from '#acl/credentials.ts';
import { decideSoFar } from '#acl/decide.ts';
import { ProxyError } from '#errors.ts';
import type { Authenticator, Claim } from '#identity/authenticator.ts';
import { siteOf, sourceOf } from '#limit/limit.ts';
import { listOf, type RawHeaders } from '#net/headers.ts';
import { admit, type Passage } from './admit.ts';
import type { Transaction } from './transaction.ts';

/**
 * At once where nothing takes time.
 * @throws {ProxyError} as {@link admit}; `connections_exceeded`, `client_connections_exceeded`; `credentials_unchecked` where too many
 * passwords wait
 */
export function judge(tx: Transaction, headers: RawHeaders): Passage | Promise<Passage> {
  const { refusal } = tx.connection;
  if (refusal !== undefined) throw new ProxyError(refusal);
  const via = listOf(headers, 'via');
  const { authenticator } = tx.generation;
  const claim = authenticator?.claimOf(headers);
  if (authenticator === undefined || claim === undefined) return admit(tx, via);
  const isRight = authenticator.recall(claim);
  if (isRight === undefined && !isRefusedAnyway(tx)) return judgeLater(tx, { authenticator, claim }, via);
  if (isRight !== undefined) noteUser(tx, claim, isRight);
  return admit(tx, via);
}

function noteUser(tx: Transaction, { user }: Claim, isRight: boolean): void {
  tx.credentials = isRight ? undefined : 'wrong';
  if (isRight) tx.user = user;
  else tx.context.onWrongCredentials();
}

/** What is allowed whoever asks still needs its user: for its record, and for limits by user. */
function isRefusedAnyway(tx: Transaction): boolean {
  const { policy } = tx.generation;
  const decision = decideSoFar(policy, tx);
  return decision.verdict === 'deny' && !mayDependOnUser(policy, tx, decision.rule);
}

async function judgeLater(
  tx: Transaction,
  { authenticator, claim }: { readonly authenticator: Authenticator; readonly claim: Claim },
  via: string | undefined,
): Promise<Passage> {
  const client = sourceOf(tx.clientAddress);
  const wait = (isRight: Promise<boolean>): Promise<boolean> => tx.abort.race(isRight);
  tx.credentials = 'asked';
  noteUser(tx, claim, await authenticator.check(claim, { client, site: siteOf(client), wait }));
  return await admit(tx, via);
}
