/** An open tunnel before what is in force, at the present time: it goes on, or its rule says what becomes of it. */
import { vet, vetName } from '#acl/guard.ts';
import { authorise, authoriseAddresses, type Denial, type Permit } from '#acl/permit.ts';
import type { OnRevoke } from '#acl/rule.ts';
import { ProxyError } from '#errors.ts';
import { type IpAddress, parseIp } from '#net/ip.ts';
import { identityNow } from './identify.ts';
import type { PendingEnd, Transaction } from './transaction.ts';

/** It may go on no longer. */
interface Refusal {
  readonly granted: false;
  /** The rule that denies, where one does. */
  readonly rule: string | undefined;
  readonly why: string;
}

/**
 * Judges `tx`, which is an open tunnel, and acts by it; `addresses`: what its name leads to, none where that cannot be found out.
 * @returns false where it takes these and they are not known: judge it {@link judgeByAddress}
 */
export function judgeAgain(tx: Transaction, addresses?: readonly IpAddress[]): boolean {
  const judgedBy = tx.generation;
  const onRevoke = onRevokeOf(tx);
  tx.timeMs = tx.context.now();
  tx.generation = tx.context.generation;
  const word = wordOn(tx, addresses);
  if (word?.granted) {
    tx.rule = word.rule.name;
    tx.revocation?.lift();
    return true;
  }
  // Until it is acted upon it is recorded under the policy that had allowed it.
  tx.generation = judgedBy;
  if (word === undefined) return false;
  revoke(tx, word, onRevoke);
  return true;
}

/** Has its name resolved, and judges it then, unless that has been done anew meanwhile. Never rejects. */
export async function judgeByAddress(tx: Transaction): Promise<void> {
  const { round, generation } = tx.context;
  const addresses = await generation.resolver.resolve(tx.host).catch(() => []);
  if (!tx.isTunnel || tx.context.round !== round) return;
  if (addresses.length > 0) tx.addresses = addresses;
  judgeAgain(tx, addresses);
}

/** As of the rule that allowed it. */
function onRevokeOf({ generation, rule }: Transaction): OnRevoke | undefined {
  return generation.policy.rules.find(({ name }) => name === rule)?.onRevoke;
}

/** Undefined where it takes addresses that are not known. */
function wordOn(tx: Transaction, addresses = addressesOf(tx)): Permit | Refusal | undefined {
  const { user, identity } = tx;
  // The record still says who it was.
  tx.user = userNow(tx);
  tx.identity = identityNow(tx);
  const word = wordOfPolicy(tx, addresses);
  tx.user = user;
  tx.identity = identity;
  if (!word?.granted) return word && refusalBy(word, addresses);
  const why = objectionTo(tx, word);
  return why === undefined ? word : { granted: false, rule: undefined, why };
}

/** Who is not among the users any more is nobody. */
function userNow({ user, generation }: Transaction): string | undefined {
  return user !== undefined && generation.authenticator?.knows(user) ? user : undefined;
}

function wordOfPolicy(
  tx: Transaction,
  addresses: readonly IpAddress[] | undefined,
): Permit | Denial | undefined {
  const { policy } = tx.generation;
  const word = authorise(policy, tx);
  return word === 'needs-address' ? addresses && authoriseAddresses(policy, tx, addresses) : word;
}

/** Behind a peer what the name led to when it was judged by that: nearer to what the tunnel is connected to than what it leads to now. */
function addressesOf(tx: Transaction): readonly IpAddress[] | undefined {
  if (tx.peer !== undefined) return tx.addresses;
  const ip = dialled(tx);
  return ip && [ip];
}

/** The address of a direct tunnel. */
function dialled({ upstreamIp }: Transaction): IpAddress | undefined {
  return parseIp(upstreamIp ?? '');
}

function refusalBy({ rule }: Denial, addresses: readonly IpAddress[] | undefined): Refusal {
  if (rule !== undefined) return { granted: false, rule: rule.name, why: `rule "${rule.name}" denies it` };
  const isLost = addresses?.length === 0;
  const why = isLost ? 'rules ask for its address, and its name cannot be resolved' : 'no rule allows it';
  return { granted: false, rule: undefined, why };
}

/** Why it may not go on though a rule allows it: what comes after the rules when one is opened has to hold still. */
function objectionTo(tx: Transaction, permit: Permit): string | undefined {
  const { upgrade, host, port } = tx;
  const { guard } = tx.generation;
  if (upgrade !== undefined && !permit.rule.upgrade.has(upgrade))
    return `rule "${permit.rule.name}" does not let it switch to "${upgrade}"`;
  const ip = tx.peer === undefined ? dialled(tx) : undefined;
  if (ip === undefined) return undefined;
  if (!vetName(guard, host, permit)) return `the guard refuses the name "${host.text}"`;
  const [refused] = vet(guard, { permit, addresses: [ip], port }).refused;
  return refused && `the guard refuses ${refused.address.text} (${refused.why})`;
}

function revoke(tx: Transaction, refusal: Refusal, onRevoke: OnRevoke | undefined): void {
  if (onRevoke?.act === 'keep') return;
  tx.revocation ??= new Revocation(tx);
  tx.revocation.begin(refusal, onRevoke?.act === 'drain' ? onRevoke.ms : 0);
}

class Revocation implements PendingEnd {
  readonly #tx: Transaction;
  readonly #deadline: Transaction['deadline'];
  #refusal: Refusal | undefined = undefined;

  constructor(tx: Transaction) {
    this.#tx = tx;
    this.#deadline = tx.context.tools.wheel.deadline(this);
  }

  begin(refusal: Refusal, drainMs: number): void {
    this.#refusal = refusal;
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
    const detail = `Allowed by rule "${tx.rule}" until now: ${this.#refusal?.why}`;
    tx.abort.abort(new ProxyError('policy_revoked', { rule: this.#refusal?.rule, detail }));
  }
}
