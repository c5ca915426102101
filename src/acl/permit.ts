/**
 * The permit: proof that a policy allowed a transaction. It can be made nowhere else, and whatever dials an origin or a
 * peer asks for one, so that "forgot to decide" does not compile. Where to dial is the guard's to vet.
 */
import type { Subject } from '#match/subject.ts';
import type { IpAddress } from '#net/ip.ts';
import { wantsCredentials } from './credentials.ts';
import { decide } from './decide.ts';
import type { Policy } from './policy.ts';
import type { Rule } from './rule.ts';
import { viewOf } from './view.ts';

class Permit {
  readonly #isGenuine = true;
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

/** Judges what the request head tells; for a host that is an address, that address too. */
export function authorise(policy: Policy, subject: Subject): Permit | Denial | 'needs-address' {
  const decision = decide(policy, subject);
  switch (decision.verdict) {
    case 'allow': {
      const { address } = subject.host;
      return new Permit(decision.rule, policy.hash, address && [address]);
    }
    case 'deny':
      return denial(decision.rule, wantsCredentials(policy, subject, decision.rule));
    case 'needs-address':
      return 'needs-address';
  }
}

/**
 * Judges each address that the host resolves to. The first allowed address names the rule, and only addresses that the
 * same rule allows are in the permit: its other options hold for all of them. A denial names the first address's rule.
 */
export function authoriseAddresses(
  policy: Policy,
  subject: Subject,
  addresses: readonly IpAddress[],
): Permit | Denial {
  const view = viewOf(subject);
  const decisions = addresses.map((address) => {
    view.destination = address;
    return decide(policy, view);
  });
  const granting = decisions.find((decision) => decision.verdict === 'allow')?.rule;
  if (granting !== undefined) {
    const allowed = addresses.filter((_, index) => {
      const decision = decisions[index];
      return decision?.verdict === 'allow' && decision.rule === granting;
    });
    return new Permit(granting, policy.hash, Object.freeze(allowed));
  }
  const first = decisions[0];
  const mightPass = decisions.some((decision, index) => {
    view.destination = addresses[index];
    return decision.verdict === 'deny' && wantsCredentials(policy, view, decision.rule);
  });
  return denial(first?.verdict === 'deny' ? first.rule : undefined, mightPass);
}

function denial(rule: Rule | undefined, mightPass: boolean): Denial {
  return { granted: false, rule, wantsCredentials: mightPass };
}
