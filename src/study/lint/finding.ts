/** What `weir check` finds: which findings there are, how bad each is, how many are told, and how one is told. */
import { formatPlace, type Place, type Places } from '#config/places.ts';
import { formatPath, type Path, type Problem } from '#config/problems.ts';
import type { Witness } from './witness.ts';

export type Level = 'error' | 'warning' | 'info';

/** Every finding by its code, with what it says in general; docs/lint.md has an example of each. */
export const FINDINGS = {
  configuration: { level: 'error', title: 'The configuration cannot be loaded' },
  'unreachable-rule': { level: 'error', title: 'Rules before it decide everything that the rule holds for' },
  'contradictory-rule': { level: 'error', title: 'The rule holds for no request' },
  'contradictory-acl': { level: 'error', title: 'The ACL matches no request' },
  'expired-rule': { level: 'error', title: 'The rule has ended' },
  'refused-by-tier-2': { level: 'error', title: 'Tier 2 refuses what tier 1 allows' },
  'label-only-in-tier-2': { level: 'error', title: 'Tier 2 asks for a label that tier 1 does not tell' },
  'tls-on-one-side': { level: 'error', title: 'One tier speaks TLS to the other, and that one plain TCP' },
  'client-certificate-refused': { level: 'error', title: 'Tier 2 refuses the certificate that tier 1 shows' },
  'peer-certificate-refused': { level: 'error', title: 'Tier 1 refuses the certificate that tier 2 shows' },
  'hop-key-unknown': { level: 'error', title: 'Tier 2 does not have the key by which tier 1 signs' },
  'not-in-audience': {
    level: 'error',
    title: 'Tier 2 does not know the address that tier 1 dials for its own',
  },
  loop: { level: 'error', title: 'A peer leads back to a tier that requests have come through' },
  'expired-certificate': { level: 'error', title: 'The certificate has expired' },
  'failed-test': { level: 'error', title: 'A policy test expects something else' },
  'cannot-prove': { level: 'error', title: 'Nothing can be said for certain' },
  'not-compared': { level: 'warning', title: 'Nothing goes from one file to the next' },
  'certificate-ends-soon': { level: 'warning', title: 'The certificate ends within two weeks' },
  'unused-acl': { level: 'warning', title: 'Nothing uses the ACL' },
  'redundant-entry': { level: 'warning', title: 'Another entry of the list has it already' },
  'public-suffix': { level: 'warning', title: 'A rule allows whatever anybody registers under a suffix' },
  'unknown-user': { level: 'warning', title: 'The users file has no such user' },
  'cache-without-effect': { level: 'warning', title: 'The rule has a cache, and no GET comes by it' },
  'unused-cache': { level: 'warning', title: 'No rule uses the cache' },
  'object-never-kept': {
    level: 'warning',
    title: 'No process has room for the largest answers that the cache is to keep',
  },
  'peer-does-not-fit': { level: 'warning', title: 'One of the peers of tier 1 cannot be tier 2 as it is' },
  'hop-not-told': {
    level: 'warning',
    title: 'Tier 2 trusts hops of ours, and tier 1 does not know it for one',
  },
  'word-on-one-side': {
    level: 'warning',
    title: 'One tier says who its clients are and the other does not believe it, or the other way round',
  },
  'proxy-header-wanted': { level: 'warning', title: 'Tier 2 wants a PROXY header from where tier 1 is' },
  'impatient-tier-1': { level: 'warning', title: 'Tier 1 gives up before tier 2 does' },
  'unknown-identities': { level: 'warning', title: 'Nobody tells who runs clients' },
  'shadowed-rule': { level: 'info', title: 'A rule before it allows some of what the rule denies' },
  'rule-ends-soon': { level: 'info', title: 'The rule ends within two weeks' },
  'narrowed-by-tier-2': { level: 'info', title: 'Tier 2 refuses more than tier 1, as it says it means to' },
} as const satisfies Readonly<Record<string, { level: Level; title: string }>>;

export type FindingCode = keyof typeof FINDINGS;

/** One finding, placed in a file. */
export interface Finding extends Place {
  readonly code: FindingCode;
  readonly level: Level;
  /** For example `access[2]`; empty for the file as a whole. */
  readonly path: string;
  /** Name of the rule or of the ACL that it is about, where it is about one. */
  readonly rule?: string | undefined;
  readonly acl?: string | undefined;
  readonly message: string;
  /** A sentence that says what to do. */
  readonly fix: string;
  /** A request that shows it; the policies were asked about it before it was told. */
  readonly witness?: Witness | undefined;
  /** How many of its kind are left out after it. */
  readonly more?: number | undefined;
}

/** A configuration that does not load, where the findings of others are told. */
export type ProblemFinding = Problem & Pick<Finding, 'code' | 'level'>;

/** A finding before it has its place. */
export type Remark = Omit<Finding, keyof Place | 'level' | 'path'> & { readonly path: Path };

/** Gives the remark its place and level. */
export function findingOf(remark: Remark, placeOf: Places): Finding {
  const { code, path } = remark;
  return { ...placeOf(path), ...remark, level: FINDINGS[code].level, path: formatPath(path) };
}

/** What is wrong with a configuration, in the words of findings. */
export function findingOfProblem(problem: Problem): ProblemFinding {
  return { ...problem, code: 'configuration', level: FINDINGS.configuration.level };
}

/** The first `most` of each code, in their order; the last of them says how many are left out. */
export function firstOfEach<T extends Pick<Finding, 'code' | 'more'>>(
  all: readonly T[],
  most: number,
): readonly T[] {
  const total = Map.groupBy(all, ({ code }) => code);
  const told = new Map<FindingCode, number>();
  return all.flatMap((each) => {
    const place = (told.get(each.code) ?? 0) + 1;
    told.set(each.code, place);
    const more = (total.get(each.code) as T[]).length - most;
    if (place > most) return [];
    return place === most && more > 0 ? [{ ...each, more }] : [each];
  });
}

/** What is wrong, what to do, and how many more there are; without the last full stop. */
export function sentencesOf({ message, fix, more }: Pick<Finding, 'message' | 'fix' | 'more'>): string {
  const rest = more === undefined ? '' : `. And ${more} more of this kind`;
  return `${message}. ${fix}${rest}`;
}

/** One line, or two with a witness: `t1.yaml:12:5: error: What is wrong. What to do (code)`. */
export function formatFinding(finding: Finding): string {
  const { level, code, witness } = finding;
  const sentences = sentencesOf(finding);
  const line = `${formatPlace(finding)}: ${level}: ${sentences} (${code})`.replaceAll(/\p{Cc}/gu, '?');
  return witness === undefined ? line : `${line}\n    for example: ${witness.text}`;
}
