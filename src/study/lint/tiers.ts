/** Whether tier 2 lets pass what tier 1 sends it: a request for each pair of rules that says no, proof, or neither. */
import type { Config } from '#config/config.ts';
import { Chain, type ChainOptions, type Conflict } from './chain.ts';
import { type Finding, findingOf, firstOfEach, type Remark } from './finding.ts';
import { lintHops } from './hops.ts';
import { lintLabels } from './labels.ts';
import { type Studied, unlessOverBudget } from './lint.ts';
import { lintLoops } from './loops.ts';
import { findRequest, type Witness, witnessOf } from './witness.ts';

/** So many of a kind are told. */
const MOST_FINDINGS = 50;

/** Whether any route of tier 1 leads on: without one there is no chain to look at. */
export function isChain(first: Config): boolean {
  return first.routes.some(({ direct }) => !direct);
}

/** Findings about two configurations as a chain, tier 1 first. */
export function lintTiers(first: Studied, second: Studied, options: ChainOptions): Finding[] {
  const placed = (remark: Remark, isOfFirst: boolean): Finding =>
    findingOf(remark, (isOfFirst ? first : second).placeOf);
  const { via } = options;
  const between = [
    ...lintLabels(first.config, second.config).map((remark) => placed(remark, false)),
    ...lintHops({ first: first.config, second: second.config, via }).map(({ remark, isOfFirst }) =>
      placed(remark, isOfFirst),
    ),
  ];
  const isLost = via === undefined && second.config.hop.trustFrom === undefined;
  if (isLost) between.push(placed(unknownOrigin(), false));
  const ofRequests = unlessOverBudget(() => {
    const loops = lintLoops([first.config, second.config], options.nowMs);
    const chain = new Chain(first.config, second.config, options);
    const conflicts = isLost ? [] : [...chain.conflicts()].map((conflict) => remarkOf(chain, conflict));
    // No rule of tier 2 stands for what none of them allows.
    const found = conflicts.map(([remark, isOfFirst]) => placed(remark, isOfFirst));
    return [...loops.map((remark) => placed(remark, false)), ...found];
  }, first.placeOf);
  return [...between, ...firstOfEach(ofRequests, MOST_FINDINGS)];
}

/** The remark, and whether its place is in the file of tier 1. */
function remarkOf(chain: Chain, conflict: Conflict): [remark: Remark, isOfFirst: boolean] {
  const { space } = chain;
  const { allowing, refusing, region } = conflict;
  const isMeant = refusing !== undefined && refusing.rule.narrows === true;
  const request = findRequest(space, region, (subjects) => chain.shows(conflict, subjects));
  const { index, rule } = refusing ?? allowing;
  const about = { path: ['access', index, 'name'], rule: rule.name };
  const witness = request && witnessOf(space, request);
  const told =
    witness === undefined ? unproven(chain, conflict, isMeant) : refusal(conflict, isMeant, witness);
  return [{ ...about, ...told }, refusing === undefined];
}

type Told = Pick<Remark, 'code' | 'message' | 'fix' | 'witness'>;

const MEANT = 'It says "narrows: true", so nothing is to be done';

function refusal({ allowing, refusing }: Conflict, isMeant: boolean, witness: Witness): Told {
  const allowed = `some of what rule "${allowing.rule.name}" of tier 1 allows`;
  const message =
    refusing === undefined
      ? `No rule of tier 2 allows ${allowed}`
      : `Rule "${refusing.rule.name}" of tier 2 refuses ${allowed}`;
  if (isMeant) {
    return {
      code: 'narrowed-by-tier-2',
      message,
      fix: MEANT,
      witness,
    };
  }
  const narrow =
    refusing === undefined ? '' : ', or say "narrows: true" in the rule if it is meant to refuse more';
  return {
    code: 'refused-by-tier-2',
    message,
    fix: `Let tier 2 allow it, or let tier 1 refuse it${narrow}`,
    witness,
  };
}

/** A rule that narrows may do so: that none of it can be shown is no proof that it does not. */
function unproven({ space }: Chain, { allowing, refusing, region }: Conflict, isMeant: boolean): Told {
  const causes = space.opaque
    .filter(({ dimension }) => space.regions.dependsOn(region, dimension))
    .flatMap(({ key, places }) => places.map(({ hop, acl }) => `${key} of ACL "${acl}" (tier ${hop + 1})`));
  const cause = `it depends on ${causes.join(', ')}`;
  const theirs = `rule "${allowing.rule.name}" of tier 1 allows`;
  if (refusing !== undefined && isMeant) {
    const message = `Rule "${refusing.rule.name}" of tier 2 may refuse some of what ${theirs}: ${cause}`;
    return { code: 'narrowed-by-tier-2', message, fix: MEANT };
  }
  const refused =
    refusing === undefined
      ? 'tier 2 has a rule for all'
      : `rule "${refusing.rule.name}" of tier 2 refuses nothing`;
  return {
    code: 'cannot-prove',
    message: `Cannot prove that ${refused} that ${theirs}: ${cause}`,
    fix: 'Judge by what can be compared, or say "narrows: true" in the rule of tier 2 that is meant to refuse more',
  };
}

function unknownOrigin(): Remark {
  const message = 'Cannot prove anything about the chain: nothing says where tier 2 sees tier 1 come from';
  return {
    code: 'cannot-prove',
    path: [],
    message,
    fix: 'Give --via CIDR, or write hop.trust.from in tier 2',
  };
}
