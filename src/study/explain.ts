/**
 * A request on its way through one tier or two: what each hop says, and what the client sees in the end. The second tier
 * is asked only where the first would pass the request on to it.
 */
import { ProxyError } from '#errors.ts';
import type { Network } from '#net/ip.ts';
import { explainHop, type HopAnswer, type Names } from './explain-hop.ts';
import { addressBehind } from './outcomes.ts';
import type { Question } from './question.ts';
import { statusOf, statusThrough } from './status.ts';
import type { Tier } from './tier.ts';
import type { Verdict } from './trace.ts';
import { type Asked, askedNext, askedOf } from './who-asks.ts';

export interface ChainQuestion {
  readonly first: Tier;
  /** The tier behind it, if that is to be asked too. */
  readonly second?: { readonly tier: Tier; readonly via: Via } | undefined;
  readonly question: Question;
  readonly names: Names;
}

/** Where the second tier sees the first come from. */
export interface Via {
  readonly address: string;
  /** The network that the address stands for, where nobody has said the address itself. */
  readonly assumedFrom?: string;
}

export interface Explanation {
  readonly verdict: Verdict;
  /** As the client sees it; undefined where the origin answers, or where it is not certain. */
  readonly status: string | undefined;
  /** Those that are asked, in order. */
  readonly hops: readonly HopAnswer[];
  /** Of the second, where it is asked. */
  readonly via: Via | undefined;
  /** The tier that is not asked, and why. */
  readonly skipped: { readonly tier: Tier; readonly why: string } | undefined;
}

/**
 * Asks one tier after the other.
 * @throws {Error} naming what of the question cannot be read, and the fix
 */
export async function explain({ first, second, question, names }: ChainQuestion): Promise<Explanation> {
  const asked = { ...question, at: question.at ?? Date.now() };
  const answer = await answerOf(first, askedOf(first, asked), names);
  if (second === undefined) return ofOne(answer);
  const { tier, via } = second;
  const why = whyNotPassedOn(answer);
  if (why !== undefined) return { ...ofOne(answer), skipped: { tier, why } };
  const passedOn = askedNext(answer, tier, { question: asked, via: via.address });
  return { ...ofBoth(answer, await answerOf(tier, passedOn, names)), via };
}

/** A client that a tier trusts as a hop of ours, where its file leaves no choice of networks: the first host in that. */
export function assumedVia({ config }: Tier): Via | undefined {
  const acls = (config.hop.trustFrom ?? []).filter((acl) => Object.hasOwn(config.policy.acls, acl));
  const [network, ...more] = acls.flatMap((acl) => config.policy.acls[acl]?.src ?? []);
  if (network === undefined || more.length > 0) return undefined;
  return { address: firstHostOf(network), assumedFrom: network.text };
}

/** The address of a network itself is no host's, but for networks of one or two. */
function firstHostOf({ address, prefixLength }: Network): string {
  const width = address.family === 4 ? 32 : 128;
  const next = width - prefixLength < 2 ? undefined : addressBehind({ address, prefixLength: width });
  return next ?? address.text;
}

async function answerOf(tier: Tier, asked: Asked, names: Names): Promise<HopAnswer> {
  const { subject, by, flaw, untold } = asked;
  const answer = { ...(await explainHop({ tier, subject, names })), identityBy: by, untold };
  if (flaw === undefined) return answer;
  const error = new ProxyError('assertion_refused', { detail: `Weir-Identity is refused: ${flaw}` });
  return { ...answer, verdict: 'deny', error, route: undefined };
}

function whyNotPassedOn({ tier, verdict, error, route }: HopAnswer): string | undefined {
  const { name } = tier.config;
  if (verdict === 'deny') return `${name} denies`;
  if (error !== undefined) return `${name} fails`;
  return route?.direct === true ? `route ${route.name} of ${name} is direct` : undefined;
}

function ofOne(hop: HopAnswer): Explanation {
  return { verdict: hop.verdict, status: statusOf(hop), hops: [hop], via: undefined, skipped: undefined };
}

function ofBoth(first: HopAnswer, last: HopAnswer): Omit<Explanation, 'via'> {
  return {
    // Whatever the first may do before, what the second does not allow does not pass.
    verdict: last.verdict === 'allow' ? first.verdict : last.verdict,
    status: statusThrough(first, last),
    hops: [first, last],
    skipped: undefined,
  };
}
