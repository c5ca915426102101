/**
 * A policy rule by rule, as regions: for which requests each rule holds, and for which it decides because none before it does.
 * The same meaning as decide.ts and condition.ts give it, for all requests at once.
 */
import type { RuleOptions } from '#acl/rule.ts';
import { EVERYTHING, NOTHING, type Region } from './regions.ts';
import type { AclRegions, Space } from './space.ts';

/** A condition, by region: false in the rest. */
export interface Truth {
  readonly holds: Region;
  readonly pending: Region;
}

export interface RuleOutcome {
  readonly index: number;
  readonly rule: RuleOptions;
  readonly action: 'allow' | 'deny';
  /** Its ACLs, as written. */
  readonly literals: readonly string[];
  /** Requests for which it holds. */
  readonly holds: Region;
  /** Requests that get to it and for which it holds: it decides them, unless it only reports. */
  readonly decides: Region;
  readonly reportsOnly: boolean;
}

export interface Outcomes {
  readonly rules: readonly RuleOutcome[];
  /** Requests that no rule decides, which are denied. */
  readonly rest: Region;
}

/** @throws {OverBudget} */
export function outcomesOf(space: Space, hop: number): Outcomes {
  const { regions } = space;
  const { access } = space.policyAt(hop);
  let rest = space.possible;
  // Where a rule is pending: what allows after it, allows nothing before the address is known.
  let open = NOTHING;
  const rules = access.map((rule, index): RuleOutcome => {
    const { action, literals, truth } = ruleTruth(space, hop, rule);
    const reportsOnly = rule.mode === 'report';
    const reached = regions.and(rest, truth.holds);
    const decides = action === 'allow' ? regions.minus(reached, open) : reached;
    if (!reportsOnly) {
      open = regions.or(open, truth.pending);
      rest = regions.minus(rest, action === 'allow' ? regions.or(truth.holds, truth.pending) : truth.holds);
    }
    return {
      index,
      rule,
      action,
      literals,
      holds: regions.and(space.possible, truth.holds),
      decides,
      reportsOnly,
    };
  });
  return { rules, rest };
}

interface RuleTruth extends Pick<RuleOutcome, 'action' | 'literals'> {
  readonly truth: Truth;
}

function ruleTruth(space: Space, hop: number, rule: RuleOptions): RuleTruth {
  const { regions } = space;
  const { allow = [], deny = [], until } = rule;
  const action = allow.length > 0 ? 'allow' : 'deny';
  const literals = action === 'allow' ? allow : deny;
  const condition = conditionTruth(space, hop, { action, literals });
  const names = namesMethod(space, hop, literals);
  const excluded = action === 'allow' && !names ? space.trace : NOTHING;
  const inTime = until === undefined ? EVERYTHING : space.before(until);
  const within = (region: Region): Region => regions.and(inTime, regions.minus(region, excluded));
  return {
    action,
    literals,
    truth: { holds: within(condition.holds), pending: within(condition.pending) },
  };
}

/** As in rule.ts: TRACE is allowed only by a rule that names a method. */
function namesMethod(space: Space, hop: number, literals: readonly string[]): boolean {
  const { acls } = space.policyAt(hop);
  return literals.some((literal) => !literal.startsWith('!') && acls[literal]?.methods !== undefined);
}

/** A conjunction, by the meaning that the action gives to what is unknown. @throws {OverBudget} */
export function conditionTruth(
  space: Space,
  hop: number,
  { action, literals }: { action: 'allow' | 'deny'; literals: readonly string[] },
): Truth {
  const { regions } = space;
  const truths = literals.map((literal) => {
    const isNegated = literal.startsWith('!');
    return literalTruth(space, space.acl(hop, isNegated ? literal.slice(1) : literal), { isNegated, action });
  });
  const holds = regions.and(...truths.map((truth) => truth.holds));
  const notFalse = regions.and(...truths.map((truth) => regions.or(truth.holds, truth.pending)));
  return { holds, pending: regions.minus(notFalse, holds) };
}

function literalTruth(
  { regions }: Space,
  { isTrue, isFalse, isPending }: AclRegions,
  { isNegated, action }: { isNegated: boolean; action: 'allow' | 'deny' },
): Truth {
  const [when, against] = isNegated ? [isFalse, isTrue] : [isTrue, isFalse];
  // Unknown is what is left: an allow fails by it, a deny holds.
  const holds = action === 'allow' ? when : regions.minus(EVERYTHING, regions.or(against, isPending));
  return { holds, pending: isPending };
}
