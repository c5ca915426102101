/** An open tunnel before the policy in force, at the present time: it goes on, or its rule says what becomes of it. */

import { authorise, authoriseAddresses, type Denial, type Permit } from '#acl/permit.ts';
import type { OnRevoke } from '#acl/rule.ts';
import { ProxyError } from '#errors.ts';
import { type IpAddress, parseIp } from '#net/ip.ts';
import type { PendingEnd, Transaction } from './transaction.ts';

/** Judges `tx`, which is an open tunnel, and acts by it. */
export function judgeAgain(tx: Transaction, nowMs: number): void {
  const judgedBy = tx.generation;
  const onRevoke = onRevokeOf(tx);
  tx.timeMs = nowMs;
  tx.generation = tx.context.generation;
  const word = wordOn(tx);
  if (word?.granted) {
    tx.rule = word.rule.name;
    tx.revocation?.lift();
    return;
  }
  // Until it is acted upon it is recorded under the policy that had allowed it.
  tx.generation = judgedBy;
  if (word !== undefined) revoke(tx, word, onRevoke);
}

/** As of the rule that allowed it. */
function onRevokeOf({ generation, rule }: Transaction): OnRevoke | undefined {
  return generation.policy.rules.find(({ name }) => name === rule)?.onRevoke;
}

/** Undefined where it would take the address that a peer has connected to. */
function wordOn(tx: Transaction): Permit | Denial | undefined {
  const { policy } = tx.generation;
  const word = authorise(policy, tx);
  if (word !== 'needs-address') return word;
  const addresses = addressesOf(tx);
  return addresses && authoriseAddresses(policy, tx, addresses);
}

function addressesOf(tx: Transaction): readonly IpAddress[] | undefined {
  if (tx.peer !== undefined) return tx.generation.resolver.known(tx.host);
  const ip = parseIp(tx.upstreamIp ?? '');
  return ip && [ip];
}

function revoke(tx: Transaction, { rule }: Denial, onRevoke: OnRevoke | undefined): void {
  if (onRevoke?.act === 'keep') return;
  tx.revocation ??= new Revocation(tx);
  tx.revocation.begin(rule?.name, onRevoke?.act === 'drain' ? onRevoke.ms : 0);
}

class Revocation implements PendingEnd {
  readonly #tx: Transaction;
  readonly #deadline: Transaction['deadline'];
  #rule: string | undefined = undefined;

  constructor(tx: Transaction) {
    this.#tx = tx;
    this.#deadline = tx.context.tools.wheel.deadline(this);
  }

  begin(rule: string | undefined, drainMs: number): void {
    this.#rule = rule;
    if (drainMs === 0) this.onDeadline();
    else if (this.#deadline.dueMs === 0) this.#deadline.set(drainMs);
  }

  lift(): void {
    this.#deadline.clear();
  }

  /** Called by the wheel. */
  onDeadline(): void {
    const tx = this.#tx;
    tx.generation = tx.context.generation;
    const by = this.#rule === undefined ? 'no rule allows it' : `rule "${this.#rule}" denies it`;
    const detail = `Allowed by rule "${tx.rule}" until now: ${by}`;
    tx.abort.abort(new ProxyError('policy_revoked', { rule: this.#rule, detail }));
  }
}
