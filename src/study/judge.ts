/**
 * What a policy says of a request that an old log tells of. A log does not hold all that a policy may ask for: then the
 * answer is the verdict on which all possible values agree, and where they do not, what is lacking.
 */
import { decide } from '#acl/decide.ts';
import type { Policy } from '#acl/policy.ts';
import { evaluateRule, isAsked, type Rule } from '#acl/rule.ts';
import type { IdentityKey } from '#match/client-keys.ts';
import { evaluateLiteral, type Literal } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { Verdict } from './log-entry.ts';
import { methodOf, type Question } from './question.ts';

export type Judgement =
  | {
      readonly verdict: Verdict;
      /** Undefined where no rule decides, or where it is open which one does. */
      readonly rule: string | undefined;
    }
  /** Keys of ACLs, such as `dst`, that the log has no value for. */
  | { readonly verdict: 'open'; readonly lacking: readonly string[] };

type Lack = (question: Question) => boolean;

/** By key of an ACL, whether the question has no value for it. Keys that are not here always have one. */
const LACKS: Readonly<Record<IdentityKey, Lack> & Record<string, Lack>> = {
  listeners: ({ listener }) => listener === undefined,
  namespaces: ({ namespace }) => namespace === undefined,
  podLabels: ({ podLabels }) => podLabels === undefined,
  namespaceLabels: ({ namespaceLabels }) => namespaceLabels === undefined,
  serviceAccounts: ({ serviceAccount }) => serviceAccount === undefined,
  // Who was not asked for credentials may have some.
  users: ({ user }) => user === undefined,
  headers: ({ headers }) => headers === undefined,
  urlRegex: ({ method, target }) => method !== 'CONNECT' && /\?|\u2026$/.test(target),
  clientCerts: () => true,
  sni: (question) => methodOf(question) === 'CONNECT' && question.sni === undefined,
};

/** What can be said of one rule, or of a part of it. */
const OPEN = 'open';
type Holding = boolean | typeof OPEN;

/** A policy to be asked about the lines of a log. */
export class Judge {
  readonly #policy: Policy;
  /** Whether some rule asks for what a log may lack. */
  readonly #mayLack: boolean;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#mayLack = policy.enforced.some(({ condition }) =>
      condition.literals.some(({ acl }) => acl.matchers.some(({ key }) => key in LACKS)),
    );
  }

  /** @param subject what the question was made into, with an address where the log has one */
  judge(question: Question, subject: Subject): Judgement {
    if (this.#mayLack) return this.#weigh(question, subject);
    const decision = decide(this.#policy, subject);
    if (decision.verdict === 'needs-address') return this.#weigh(question, subject);
    return { verdict: decision.verdict, rule: decision.rule?.name };
  }

  /** Every verdict that is possible, in the order of the rules up to the first that holds for certain. */
  #weigh(question: Question, subject: Subject): Judgement {
    const lacking = new Set<string>();
    const possible: { verdict: Verdict; rule: string | undefined }[] = [];
    for (const rule of this.#policy.enforced) {
      const holding = holdingOf(rule, { question, subject, lacking });
      if (holding === false) continue;
      possible.push({ verdict: rule.action, rule: rule.name });
      if (holding === true) return agreed(possible, lacking);
    }
    possible.push({ verdict: 'deny', rule: undefined });
    return agreed(possible, lacking);
  }
}

function agreed(
  possible: readonly { verdict: Verdict; rule: string | undefined }[],
  lacking: ReadonlySet<string>,
): Judgement {
  const [first, ...others] = possible as [(typeof possible)[number]];
  if (others.length === 0) return first;
  if (others.every(({ verdict }) => verdict === first.verdict)) {
    return { verdict: first.verdict, rule: undefined };
  }
  return { verdict: 'open', lacking: [...lacking].sort() };
}

interface Asked {
  readonly question: Question;
  readonly subject: Subject;
  /** Takes up what would have to be known. */
  readonly lacking: Set<string>;
}

function holdingOf(rule: Rule, asked: Asked): Holding {
  const { condition } = rule;
  const missing = condition.literals.flatMap((literal) => missingKeys(literal, asked.question));
  if (missing.length === 0) {
    const value = evaluateRule(rule, asked.subject);
    if (value === Tri.Pending) asked.lacking.add('dst');
    return value === Tri.Pending ? OPEN : value === Tri.True;
  }
  if (!isAsked(rule, asked.subject)) return false;
  if (condition.literals.some((literal) => fails(rule, literal, asked))) return false;
  for (const key of missing) asked.lacking.add(key);
  return OPEN;
}

function missingKeys({ acl }: Literal, question: Question): string[] {
  return acl.matchers.map(({ key }) => key).filter((key) => LACKS[key]?.(question) === true);
}

/** Whether the literal keeps the rule from holding, whatever the missing values are. */
function fails(rule: Rule, literal: Literal, { question, subject }: Asked): boolean {
  const { acl, isNegated } = literal;
  const isFatal = (value: Tri): boolean =>
    value === Tri.False || (value === Tri.Unknown && rule.action === 'allow');
  if (missingKeys(literal, question).length === 0) return isFatal(evaluateLiteral(literal, subject));
  if (isNegated) return false;
  const known = acl.matchers.filter(({ key }) => LACKS[key]?.(question) !== true);
  return known.some((matcher) => isFatal(matcher.test(subject)));
}
