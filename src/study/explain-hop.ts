/**
 * What one hop makes of a request, in the order of the data path: who asks, the rules, the route, and for a direct one the
 * guard. The same functions answer here as there (proxy/admit.ts); what they are given is made up.
 */
import { vet, vetName } from '#acl/guard.ts';
import { authorise, authoriseAddresses, type Denial, type Permit } from '#acl/permit.ts';
import { ProxyError } from '#errors.ts';
import type { Subject } from '#match/subject.ts';
import type { IpAddress } from '#net/ip.ts';
import { createResolver, type Resolver } from '#net/resolver.ts';
import { chooseRoute, type Route } from '#peer/route.ts';
import { denialOf, isMismatch } from './denial.ts';
import type { Tier } from './tier.ts';
import { type Trace, traceOf, type Verdict } from './trace.ts';

export interface HopQuestion {
  readonly tier: Tier;
  readonly subject: Subject;
  readonly names: Names;
}

/** What names lead to: nobody asks, the hop's name servers say it, or it is this address. */
export type Names = 'unknown' | 'resolved' | IpAddress;

type LookUp = Pick<Resolver, 'resolve' | 'close'>;

export interface HopAnswer {
  readonly tier: Tier;
  readonly subject: Subject;
  /** Who was said to ask and is no user of this hop: as good as nobody. */
  readonly unknownUser: string | undefined;
  /** By which words of a configuration it is known who the client is; undefined where the question says it, or nobody does. */
  readonly identityBy?: string | undefined;
  /** Why the tier before does not tell it, where one of the two is set up for that. */
  readonly untold?: string | undefined;
  /** Whether the configuration lets it pass: by its rules, its routes and its guard. */
  readonly verdict: Verdict;
  readonly trace: Trace;
  /** Why it does not pass, or fails; undefined too where that is not certain. */
  readonly error: ProxyError | undefined;
  readonly route: Route | undefined;
  /** What the host leads to, where this hop resolves it and was to. */
  readonly addresses: readonly IpAddress[] | undefined;
  /** Those that are not dialled, by word of the guard. */
  readonly refused: readonly { readonly address: IpAddress; readonly why: string }[];
}

/** Peers of its route, in the order in which they are tried while all are up and none is busier than another. */
export function peersAhead({ route, subject }: Pick<HopAnswer, 'route' | 'subject'>) {
  return (route?.selector?.foreseen(subject) ?? []).map(({ options }) => options);
}

/** Asks one hop. */
export async function explainHop(question: HopQuestion): Promise<HopAnswer> {
  const resolver = lookUpBy(question);
  const unknownUser = unknownUserIn(question);
  const subject = unknownUser === undefined ? question.subject : { ...question.subject, user: undefined };
  try {
    return { ...(await ask(question.tier, subject, resolver)), unknownUser };
  } finally {
    resolver?.close();
  }
}

/** Credentials that are wrong are as good as none (identity/authenticator.ts), and a user of no line has no right ones. */
function unknownUserIn({ tier, subject: { user } }: HopQuestion): string | undefined {
  return tier.config.auth?.users.some(({ name }) => name === user) === true ? undefined : user;
}

/** Undefined where nobody is to ask: then nothing leaves this machine. */
function lookUpBy({ tier, names }: HopQuestion): LookUp | undefined {
  if (names === 'unknown') return undefined;
  if (names === 'resolved') return createResolver(tier.config.dns);
  return { resolve: async ({ address = names }) => [address], close() {} };
}

type Answered = Omit<HopAnswer, 'unknownUser'>;

async function ask(tier: Tier, subject: Subject, resolver: LookUp | undefined): Promise<Answered> {
  const judged = await judge(tier, subject, resolver);
  const { word, addresses } = judged;
  const trace = traceOf({ policy: tier.policy, acls: tier.config.policy.acls, subject: judged.subject });
  const answer = { tier, subject, trace, verdict: trace.verdict, addresses, refused: [] };
  if (judged.error !== undefined) return { ...answer, error: judged.error, route: undefined };
  if (trace.verdict === 'deny')
    return { ...answer, error: denialOf({ ...judged, tier, trace }), route: undefined };
  const route = chooseRoute(tier.routes, subject);
  if (route === undefined) return { ...answer, verdict: 'deny', error: new ProxyError('no_route'), route };
  const whole = { ...answer, error: undefined, route };
  if (typeof word !== 'object' || !word.granted) return whole;
  if (isMismatch(word, subject)) return refusedBy(whole, 'sni_mismatch', word.rule.name);
  return route.direct ? vetted(whole, word, resolver) : whole;
}

interface Judged {
  readonly word: Permit | Denial | 'needs-address';
  /** With the address that decided, where it took one. */
  readonly subject: Subject;
  readonly addresses?: readonly IpAddress[];
  readonly error?: ProxyError;
}

async function judge({ policy }: Tier, subject: Subject, resolver: LookUp | undefined): Promise<Judged> {
  const word = authorise(policy, subject);
  if (word !== 'needs-address' || resolver === undefined) return { word, subject };
  const addresses = await resolved(resolver, subject);
  if (addresses instanceof ProxyError) return { word, subject, error: addresses };
  const known = authoriseAddresses(policy, subject, addresses);
  // A denial names the rule of the first address, a permit that of the first allowed.
  const destination = known.granted ? known.addresses?.[0] : addresses[0];
  return { word: known, subject: { ...subject, destination }, addresses };
}

/** What the guard says of a request that is to leave here. */
async function vetted(answer: Answered, permit: Permit, resolver: LookUp | undefined): Promise<Answered> {
  const { tier, subject } = answer;
  const rule = permit.rule.name;
  if (!vetName(tier.guard, subject.host, permit)) return refusedBy(answer, 'name_prohibited', rule);
  // Where the rules took addresses, they took all that the name leads to.
  const addresses = answer.addresses ?? permit.addresses ?? (await (resolver && resolved(resolver, subject)));
  if (addresses === undefined) return answer;
  if (addresses instanceof ProxyError) return { ...answer, error: addresses };
  const { vetted, refused } = vet(tier.guard, { permit, addresses, port: subject.port });
  const known = { ...answer, addresses, refused };
  return vetted.length > 0 ? known : refusedBy(known, 'address_prohibited', rule);
}

function refusedBy(
  answer: Answered,
  reason: 'name_prohibited' | 'address_prohibited' | 'sni_mismatch',
  rule: string,
): Answered {
  return { ...answer, verdict: 'deny', error: new ProxyError(reason, { rule }) };
}

async function resolved(resolver: LookUp, { host }: Subject): Promise<readonly IpAddress[] | ProxyError> {
  try {
    return await resolver.resolve(host);
  } catch (error) {
    return ProxyError.from(error);
  }
}
