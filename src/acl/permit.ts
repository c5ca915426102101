/**
 * The permit: proof that a policy allowed a transaction. It can be made nowhere else, and whatever dials an origin or a
 * peer asks for one, so that "forgot to decide" does not compile. Where to dial is the guard's to vet.
 */
import type { Subject } from '#match/subject.ts';
import type { IpAddress } from '#net/ip.ts';
import { wantsCredentials } from './credentials.ts';
import { decideSoFar } from './decide.ts';
import type { Decision, HalfDecision } from './decision.ts';
import type { Policy } from './policy.ts';
import type { Rule } from './rule.ts';
import { viewOf } from './view.ts';

class Permit {
  readonly #isGenuine = true;
  #needsHello = false;
  readonly granted = true;
  readonly rule: Rule;
  /** Hash of the policy that granted it. */
  readonly policyHash: string;
  /** The addresses that the policy judged and allowed; undefined where it judged by name alone. */
  readonly addresses: readonly IpAddress[] | undefined;

  constructor(rule: Rule, policyHash: string, addresses: readonly IpAddress[] | undefined) {
    this.rule = rule;
    this.policyHash = policyHash;
    this.addresses = addresses;
  }

  /** Half a permit, by which a next hop may be dialled: {@link needsHello}. */
  static half(rule: Rule, policyHash: string, addresses: readonly IpAddress[] | undefined): Permit {
    const permit = new Permit(rule, policyHash, addresses);
    permit.#needsHello = true;
    return permit;
  }

  /** No byte of the client may leave before its ClientHello is heard and the policy asked again. */
  get needsHello(): boolean {
    return this.#needsHello;
  }

  static has(value: unknown): value is Permit {
    return typeof value === 'object' && value !== null && #isGenuine in value;
  }
}

export type { Permit };

/** The policy said no. */
export interface Denial {
  readonly granted: false;
  /** The rule that denied; undefined where no rule allowed. */
  readonly rule: Rule | undefined;
  /** Whether it might have said yes to somebody who has authenticated. */
  readonly wantsCredentials: boolean;
}

/** Whether the value is a permit that this module granted. */
export const isPermit: (value: unknown) => value is Permit = Permit.has;

/**
 * Judges what the request head tells; for a host that is an address, that address too. Where it takes the ClientHello, and some
 * rule the address, the address is asked for first: then none is needed any more when the hello is there.
 */
export function authorise(policy: Policy, subject: Subject): Permit | Denial | 'needs-address' {
  const decision = decideSoFar(policy, subject);
  const { address } = subject.host;
  switch (decision.verdict) {
    case 'needs-hello':
      if (policy.judgesAddress && address === undefined) return 'needs-address';
      return Permit.half(decision.rule, policy.hash, address && [address]);
    case 'allow':
      return new Permit(decision.rule, policy.hash, address && [address]);
    case 'deny':
      return denial(decision.rule, wantsCredentials(policy, subject, decision.rule));
    case 'needs-address':
      return 'needs-address';
  }
}

/**
 * Judges each address that the host resolves to. The first allowed address names the rule, and only addresses that the
 * same rule allows are in the permit: its other options hold for all of them. A denial names the first address's rule. An address
 * that could be allowed once the ClientHello is heard is as good as an allowed one, and in a permit with others of its kind alone.
 */
export function authoriseAddresses(
  policy: Policy,
  subject: Subject,
  addresses: readonly IpAddress[],
): Permit | Denial {
  const view = viewOf(subject);
  const decisions = addresses.map((address) => {
    view.destination = address;
    return decideSoFar(policy, view);
  });
  const granting = decisions.find(isGranting);
  if (granting !== undefined) {
    // Of each rule there is one decision that allows, and one that half does.
    const allowed = Object.freeze(addresses.filter((_, index) => decisions[index] === granting));
    return granting.verdict === 'allow'
      ? new Permit(granting.rule, policy.hash, allowed)
      : Permit.half(granting.rule, policy.hash, allowed);
  }
  const first = decisions[0];
  const mightPass = decisions.some((decision, index) => {
    view.destination = addresses[index];
    return decision.verdict === 'deny' && wantsCredentials(policy, view, decision.rule);
  });
  return denial(first?.verdict === 'deny' ? first.rule : undefined, mightPass);
}

function isGranting(
  decision: Decision | HalfDecision,
): decision is Extract<Decision, { verdict: 'allow' }> | HalfDecision {
  return decision.verdict === 'allow' || decision.verdict === 'needs-hello';
}

function denial(rule: Rule | undefined, mightPass: boolean): Denial {
  return { granted: false, rule, wantsCredentials: mightPass };
}
