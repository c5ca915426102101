/** Whether tier 2 lets pass what tier 1 sends it: a request for each pair of rules that says no, proof, or neither. */
import type { Config } from '#config/config.ts';
import { Chain, type ChainOptions, type Conflict } from './chain.ts';
import { type Finding, findingOf, firstOfEach, type Remark } from './finding.ts';
import type { TierNumbers } from './hop-way.ts';
import { lintHops } from './hops.ts';
import { lintLabels } from './labels.ts';
import { NO_LOOP, type Studied, unlessOverBudget } from './lint.ts';
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
  const { via, nowMs, ahead = 0, tiers = 2 } = options;
  const numbers = [ahead + 1, ahead + 2] as const;
  if (!isChain(first.config)) return [placed(notCompared(first.config, numbers), true)];
  const between = [
    ...lintLabels(first.config, second.config, numbers).map((remark) => placed(remark, false)),
    ...lintHops({ first: first.config, second: second.config, via, numbers }).map(({ remark, isOfFirst }) =>
      placed(remark, isOfFirst),
    ),
  ];
  const isLost = via === undefined && second.config.hop.trustFrom === undefined;
  if (isLost) between.push(placed(unknownOrigin(numbers, tiers), false));
  const loops = unlessOverBudget(
    () => lintLoops([first.config, second.config], nowMs, ahead).map((remark) => placed(remark, false)),
    first.placeOf,
    NO_LOOP,
  );
  const conflicts = unlessOverBudget(() => {
    const chain = new Chain(first.config, second.config, options);
    const found = isLost ? [] : [...chain.conflicts()].map((conflict) => remarkOf(chain, conflict, numbers));
    // No rule of tier 2 stands for what none of them allows.
    return found.map(([remark, isOfFirst]) => placed(remark, isOfFirst));
  }, first.placeOf);
  return [...between, ...firstOfEach([...loops, ...conflicts], MOST_FINDINGS)];
}

/** The remark, and whether its place is in the file of tier 1. */
function remarkOf(
  chain: Chain,
  conflict: Conflict,
  numbers: TierNumbers,
): [remark: Remark, isOfFirst: boolean] {
  const { space } = chain;
  const { allowing, refusing, region } = conflict;
  const isMeant = refusing !== undefined && refusing.rule.narrows === true;
  const request = findRequest(space, region, (subjects) => chain.shows(conflict, subjects));
  const { index, rule } = refusing ?? allowing;
  const about = { path: ['access', index, 'name'], rule: rule.name };
  const witness = request && witnessOf(space, request, numbers[0]);
  const told =
    witness === undefined
      ? unproven(chain, conflict, { isMeant, numbers })
      : refusal(conflict, { isMeant, numbers }, witness);
  return [{ ...about, ...told }, refusing === undefined];
}

type Told = Pick<Remark, 'code' | 'message' | 'fix' | 'witness'>;

const MEANT = 'It says "narrows: true", so nothing is to be done';

interface Sides {
  /** Whether the rule of the second says that it narrows. */
  readonly isMeant: boolean;
  readonly numbers: TierNumbers;
}

function refusal({ allowing, refusing }: Conflict, { isMeant, numbers }: Sides, witness: Witness): Told {
  const [one, two] = numbers;
  const allowed = `some of what rule "${allowing.rule.name}" of tier ${one} allows`;
  const message =
    refusing === undefined
      ? `No rule of tier ${two} allows ${allowed}`
      : `Rule "${refusing.rule.name}" of tier ${two} refuses ${allowed}`;
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
    fix: `Let tier ${two} allow it, or let tier ${one} refuse it${narrow}`,
    witness,
  };
}

/** A rule that narrows may do so: that none of it can be shown is no proof that it does not. */
function unproven(
  { space }: Chain,
  { allowing, refusing, region }: Conflict,
  { isMeant, numbers }: Sides,
): Told {
  const [one, two] = numbers;
  const causes = space.opaque
    .filter(({ dimension }) => space.regions.dependsOn(region, dimension))
    .flatMap(({ key, places }) =>
      places.map(({ hop, acl }) => `${key} of ACL "${acl}" (tier ${numbers[hop]})`),
    );
  const cause = `it depends on ${causes.join(', ')}`;
  const theirs = `rule "${allowing.rule.name}" of tier ${one} allows`;
  if (refusing !== undefined && isMeant) {
    const message = `Rule "${refusing.rule.name}" of tier ${two} may refuse some of what ${theirs}: ${cause}`;
    return { code: 'narrowed-by-tier-2', message, fix: MEANT };
  }
  const refused =
    refusing === undefined
      ? `tier ${two} has a rule for all`
      : `rule "${refusing.rule.name}" of tier ${two} refuses nothing`;
  return {
    code: 'cannot-prove',
    message: `Cannot prove that ${refused} that ${theirs}: ${cause}`,
    fix: `Judge by what can be compared, or say "narrows: true" in the rule of tier ${two} that is meant to refuse more`,
  };
}

function notCompared({ name }: Config, [one, two]: TierNumbers): Remark {
  return {
    code: 'not-compared',
    path: ['routes'],
    message: `Tier ${one} and tier ${two} are not compared: no route of ${name} leads to a peer`,
    fix: 'Name the tier that clients reach first before the one behind it. Two machines of one tier are no chain: check each with the tier before it, or both with --alone',
  };
}

function unknownOrigin([one, two]: TierNumbers, tiers: number): Remark {
  const message = `Cannot prove anything about the chain: nothing says where tier ${two} sees tier ${one} come from`;
  return {
    code: 'cannot-prove',
    path: [],
    message,
    fix:
      tiers === 2
        ? `Give --via CIDR, or write hop.trust.from in tier ${two}`
        : `Write hop.trust.from in tier ${two}, or check these two files by themselves with --via CIDR`,
  };
}
