/**
 * Who a tier takes the client of a made-up request for, as the data path would (proxy/identify.ts): whom the question says, else whom
 * the client's address tells, or at a second tier whom the first one says.
 */
import type { Flaw } from '#hop/results.ts';
import type { Identity, Subject } from '#match/subject.ts';
import { type HopAnswer, peersAhead } from './explain-hop.ts';
import { holds } from './holds.ts';
import { namesShown } from './hop-certificate.ts';
import { hasKeyOf, isTold } from './hop-terms.ts';
import { methodOf, type Question, subjectOf } from './question.ts';
import type { Tier } from './tier.ts';

export interface Asked {
  readonly subject: Subject;
  /** By which words of a configuration its identity is known; undefined where the question says it, or nobody does. */
  readonly by?: string | undefined;
  /** Why the second tier does not believe the first. */
  readonly flaw?: Flaw | undefined;
  /** Why the first tier does not tell it, where one of the two is set up for that. */
  readonly untold?: string | undefined;
}

/**
 * What a tier is asked.
 * @throws {Error} naming what of the question cannot be read, and the fix
 */
export function askedOf({ config, clients }: Tier, question: Question): Asked {
  const listener = question.listener ?? config.listeners[0]?.name;
  const subject = subjectOf({ ...question, listener });
  const identity = subject.identity === undefined ? clients?.identityOf(subject.clientAddress) : undefined;
  if (identity === undefined) return { subject };
  return {
    subject: { ...subject, identity },
    by: `identity.static ${clients?.networkOf(subject.clientAddress)}`,
  };
}

/** What `next` is asked, where `first` passes the question on to it and comes from `via`. */
export function askedNext(first: HopAnswer, next: Tier, { question, via = '' }: PassedOn): Asked {
  const { target, method, at, headers, sni } = question;
  const isTunnel = methodOf(question) === 'CONNECT';
  const passed = askedOf(next, { ip: via, target, method, at, headers: isTunnel ? undefined : headers, sni });
  const clientCert = namesShown(peersAhead(first), next.config.listeners);
  const asked = { ...passed, subject: { ...passed.subject, clientCert } };
  if (!isTrusted(next, asked.subject)) return { ...asked, untold: whyUntrusted(first.tier, next) };
  const told = toldBy(first, next);
  if (typeof told === 'string') return { subject: { ...asked.subject, identity: undefined }, flaw: told };
  const by = told && `hop.assert of ${first.tier.config.name}`;
  const untold = told === undefined ? whyUntold(first, next) : undefined;
  return { subject: { ...asked.subject, identity: told }, by, untold };
}

interface PassedOn {
  readonly question: Question;
  /** Address of the first tier as the second sees it. */
  readonly via?: string | undefined;
}

function isTrusted({ config, policy }: Tier, subject: Subject): boolean {
  const { trustFrom } = config.hop;
  return trustFrom !== undefined && holds(trustFrom, policy.acls, subject);
}

function whyUntrusted({ config: { hop, name } }: Tier, next: Tier): string | undefined {
  const lacks = next.config.hop.trustFrom === undefined ? 'there is no' : `${name} is not in`;
  return hop.assert && `${lacks} hop.trust.from of ${next.config.name}, which removes what ${name} says`;
}

function whyUntold({ tier, subject, route }: HopAnswer, { config }: Tier): string | undefined {
  const { name, hop } = tier.config;
  if (hop.assert === undefined) return config.hop.verify && `${name} has no hop.assert`;
  if (config.hop.verify === undefined) return `hop.trust of ${config.name} has no keyFiles`;
  if (peersAhead({ route, subject }).every((peer) => !isTold(peer, hop)))
    return `no peer of route ${route?.name} has hop: true`;
  return `${name} does not know who the client is, and tells its address alone`;
}

/** Whom the first tier says; undefined where it says nobody, or is not listened to. */
function toldBy({ tier, route, subject }: HopAnswer, { config }: Tier): Identity | Flaw | undefined {
  const { assert } = tier.config.hop;
  const { verify } = config.hop;
  const addresses = peersAhead({ route, subject })
    .filter(({ hop }) => hop)
    .map(({ address }) => address.text);
  if (assert === undefined || verify === undefined || addresses.length === 0) return undefined;
  if (!hasKeyOf(verify, assert)) return 'unknown_key';
  if (!addresses.some((address) => verify.audience.includes(address))) return 'wrong_audience';
  return subject.identity && selection(subject.identity, assert.labels);
}

/** What is told of an identity: of its namespace the name alone. */
function selection({ podLabels, ...identity }: Identity, labels: readonly string[]): Identity {
  const told = [...(podLabels ?? [])].filter(([name]) => labels.includes(name));
  return { ...identity, podLabels: new Map(told), hasAllLabels: false, namespaceLabels: undefined };
}
