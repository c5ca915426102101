/**
 * What a name led to, for the record, where not all of it may be dialled: refused by the guard, or not allowed by the rule. A name
 * whose every address may be dialled leaves nothing here, and costs nothing.
 */
import type { Vetting } from '#acl/guard.ts';
import type { Denial, Permit } from '#acl/permit.ts';
import type { IpAddress } from '#net/ip.ts';
import type { Transaction } from './transaction.ts';

/** A name may lead to as many as its servers like. */
const MAX_NOTED = 16;

/** Notes what the policy, asked of each address, has left out. */
export function noteJudged(tx: Transaction, all: readonly IpAddress[], word: Permit | Denial): void {
  const allowed = word.granted ? (word.addresses ?? all) : [];
  if (tx.host.address !== undefined || allowed.length === all.length) return;
  const refused = all.filter((one) => !allowed.includes(one));
  tx.answers = {
    all: firstOf(all.map(({ text }) => text)),
    refused: firstOf(refused.map(({ text }) => `${text} (not allowed by the policy)`)),
    isMixed: false,
  };
}

/** Notes what the guard has refused of the `addresses` that the policy left. */
export function noteRefused(
  tx: Transaction,
  addresses: readonly IpAddress[],
  refused: Vetting['refused'],
): void {
  const texts = firstOf(refused.map(({ address, why }) => `${address.text} (${why})`));
  tx.detail = `The guard refuses ${texts.join(', ')}`;
  if (tx.host.address !== undefined) return;
  tx.answers = {
    all: tx.answers?.all ?? firstOf(addresses.map(({ text }) => text)),
    refused: firstOf([...(tx.answers?.refused ?? []), ...texts]),
    isMixed: refused.length < addresses.length,
  };
}

/** With how many more there are. */
function firstOf(texts: readonly string[]): readonly string[] {
  if (texts.length <= MAX_NOTED) return texts;
  return [...texts.slice(0, MAX_NOTED), `${texts.length - MAX_NOTED} more`];
}
