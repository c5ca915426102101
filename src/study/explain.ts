/**
 * A request on its way through one tier or two: what each hop says, and what the client sees in the end. The second tier
 * is asked only where the first would pass the request on to it.
 */
import { explainHop, type HopAnswer, type Names } from './explain-hop.ts';
import { methodOf, type Question, subjectOf } from './question.ts';
import { statusOf, statusThrough } from './status.ts';
import type { Tier } from './tier.ts';
import type { Verdict } from './trace.ts';

export interface ChainQuestion {
  /** In the order of the way. */
  readonly tiers: readonly [Tier] | readonly [Tier, Tier];
  readonly question: Question;
  /** Address of tier 1 as tier 2 sees it; only with two tiers. */
  readonly via?: string | undefined;
  readonly names: Names;
}

export interface Explanation {
  readonly verdict: Verdict;
  /** As the client sees it; undefined where the origin answers, or where it is not certain. */
  readonly status: string | undefined;
  /** Those that are asked, in order. */
  readonly hops: readonly HopAnswer[];
  /** The tier that is not asked, and why. */
  readonly skipped: { readonly tier: Tier; readonly why: string } | undefined;
}

/**
 * Asks one tier after the other.
 * @throws {Error} naming what of the question cannot be read, and the fix
 */
export async function explain({ tiers, question, via, names }: ChainQuestion): Promise<Explanation> {
  const [tier, next] = tiers;
  const asked = { ...question, at: question.at ?? Date.now() };
  const first = await explainHop({ tier, subject: subjectAt(tier, asked), names });
  if (next === undefined) return conclude([first]);
  const why = whyNotPassedOn(first);
  if (why !== undefined) return { ...conclude([first]), skipped: { tier: next, why } };
  const passedOn = subjectAt(next, asPassedOn(asked, via));
  return conclude([first, await explainHop({ tier: next, subject: passedOn, names })]);
}

/** The only client that a tier trusts as a hop of ours, where its file leaves no choice of networks: the first address in it. */
export function onlyTrustedAddress({ config }: Tier): string | undefined {
  const acls = (config.hop.trustFrom ?? []).filter((acl) => Object.hasOwn(config.policy.acls, acl));
  const [network, ...more] = acls.flatMap((acl) => config.policy.acls[acl]?.src ?? []);
  return more.length === 0 ? network?.address.text : undefined;
}

function subjectAt({ config }: Tier, question: Question) {
  return subjectOf({ ...question, listener: question.listener ?? config.listeners[0]?.name });
}

/** What the next tier gets of it: the request, but from another client. Who asked is not passed on. */
function asPassedOn(question: Question, via = ''): Question {
  const { target, method, at, headers } = question;
  const isTunnel = methodOf(question) === 'CONNECT';
  return { ip: via, target, method, at, headers: isTunnel ? undefined : headers };
}

function whyNotPassedOn({ tier, verdict, error, route }: HopAnswer): string | undefined {
  const { name } = tier.config;
  if (verdict === 'deny') return `${name} denies`;
  if (error !== undefined) return `${name} fails`;
  return route?.direct === true ? `route ${route.name} of ${name} is direct` : undefined;
}

function conclude(hops: readonly [HopAnswer] | readonly [HopAnswer, HopAnswer]): Explanation {
  const [first, last] = hops;
  if (last === undefined)
    return { verdict: first.verdict, status: statusOf(first), hops, skipped: undefined };
  return {
    // Whatever the first may do before, what the second does not allow does not pass.
    verdict: last.verdict === 'allow' ? first.verdict : last.verdict,
    status: statusThrough(first, last),
    hops,
    skipped: undefined,
  };
}
