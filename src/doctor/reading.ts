/**
 * Who of a chain refused or failed, by one answer of the proxy. Believed is what only a hop of the chain can have said: all of it in
 * answer to CONNECT, because no origin is asked then; of a plain request's answer the word of a first tier that is Weir, and what that
 * one vouches for. Whatever else an answer says of hops is hearsay, which is told as such and leads to nothing.
 */
import { REASONS, type Reason } from '#errors.ts';
import type { ProxyStatus } from '#net/proxy-status.ts';
import {
  type Answer,
  lineOf,
  membersOf,
  pseudonymsOf,
  type Speaker,
  squidWordOf,
  transactionOf,
} from './answer.ts';

/** Where a transaction came to its end: in a tier's own verdict, on its way to what is next, or at the target. */
export type Place = 'verdict' | 'next' | 'dns' | 'connect' | 'answer';

export interface Blame {
  /** Number of the tier that tells, from 1. */
  readonly tier: number;
  readonly place: Place;
  /** What it said, on one line. */
  readonly said: string;
  /** One of our own reasons, where it is known. */
  readonly reason: Reason | undefined;
}

export interface Reading {
  readonly transaction: string | undefined;
  /** Names of the tiers as far as they are told, tier 1 first. */
  readonly hops: readonly string[];
  /** Undefined where nobody on the way is to blame. */
  readonly blame: Blame | undefined;
  /** What is said of hops, and not believed. */
  readonly hearsay: readonly string[];
  /** Where the last tier that is known went on to, where it says so. */
  readonly nextHop: string | undefined;
}

/** Reads the answer to CONNECT. */
export function readTunnelAnswer(answer: Answer, speaker: Speaker): Reading {
  const members = membersOf(answer).toReversed();
  const isOpen = answer.status >= 200 && answer.status < 300;
  const hops = [...namesAhead(members, speaker), ...members.map(({ hop }) => hop)];
  const common = { transaction: transactionOf(answer), hearsay: [], nextHop: members.at(-1)?.nextHop };
  if (isOpen) return { ...common, hops, blame: undefined };
  return { ...common, ...blameIn(answer, members, speaker) };
}

/** Reads the answer to a plain request, which may be the target's. */
export function readPlainAnswer(answer: Answer, speaker: Speaker): Reading {
  const all = membersOf(answer).toReversed();
  const [transaction, first] = [transactionOf(answer), all[0]];
  // No hop of ours lets an origin's Weir-Transaction pass.
  const isOurs = speaker.kind === 'weir' && transaction !== undefined && first?.hop === speaker.name;
  if (first === undefined || !isOurs) {
    const hops = speaker.name === undefined ? [] : [speaker.name];
    return {
      transaction: undefined,
      hops,
      blame: undefined,
      hearsay: hearsayOf(answer, all),
      nextHop: undefined,
    };
  }
  // Tier 1 says that it passed an answer on only where its peer is a hop of ours.
  const [second] = passesOn(first) ? all.slice(1) : [];
  const believed = second === undefined ? [first] : [first, second];
  const last = believed.at(-1) as ProxyStatus;
  // Whoever made the answer has not passed it on, as Via tells.
  const isMade = !passesOn(last) && pseudonymsOf(answer).length < believed.length;
  const blame = isMade ? blameOf(last, believed.length, answer) : undefined;
  const hearsay = all.slice(believed.length).map(describe);
  return { transaction, hops: believed.map(({ hop }) => hop), blame, hearsay, nextHop: last.nextHop };
}

/** A first tier that writes no Proxy-Status stands before those that do. */
function namesAhead(members: readonly ProxyStatus[], { kind, name }: Speaker): string[] {
  const isFirst = kind === 'weir' || name === undefined || (members.length > 0 && members[0]?.hop === name);
  return isFirst ? [] : [name];
}

/** `members` from our side on. */
function blameIn(
  answer: Answer,
  members: readonly ProxyStatus[],
  speaker: Speaker,
): Pick<Reading, 'hops' | 'blame'> {
  const ahead = members.length === 0 ? [] : namesAhead(members, speaker);
  const end = members.findIndex((member) => !passesOn(member));
  const told = end < 0 ? members : members.slice(0, end + 1);
  const hops = [...ahead, ...told.map(({ hop }) => hop)];
  const last = members[end];
  if (last !== undefined) return { hops, blame: blameOf(last, hops.length, answer) };
  return blameSilent(answer, hops, speaker);
}

/** Whoever made the answer writes no Proxy-Status; `hops` are those before. */
function blameSilent(
  answer: Answer,
  hops: readonly string[],
  speaker: Speaker,
): Pick<Reading, 'hops' | 'blame'> {
  const word = squidWordOf(answer);
  const name = word?.maker;
  const isBehind =
    hops.length === 0 && name !== undefined && speaker.name !== undefined && name !== speaker.name;
  const before = isBehind ? [speaker.name as string] : hops;
  const tier = before.length + 1;
  const said = `${lineOf(answer)}${word === undefined ? '' : ` (${word.code})`}`;
  const place = word === undefined ? placeOfStatus(answer.status, tier) : placeOfSquid(word.code, tier);
  const known = name ?? (tier === 1 ? speaker.name : undefined);
  return {
    hops: known === undefined ? before : [...before, known],
    blame: { tier, place, said: `${known ?? `Tier ${tier}`} answered ${said}`, reason: undefined },
  };
}

/** It hands on what somebody behind it answered, and finds no fault with it (RFC 9209 section 2.1.4). */
function passesOn({ error, receivedStatus }: ProxyStatus): boolean {
  return error === undefined && receivedStatus !== undefined;
}

function blameOf(member: ProxyStatus, tier: number, answer: Answer): Blame {
  const [token = ''] = member.details?.split(' ') ?? [];
  const reason = Object.hasOwn(REASONS, token) ? (token as Reason) : undefined;
  const words = [member.error, member.details].filter((word) => word !== undefined);
  const said = `${member.hop} answered ${lineOf(answer)}${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
  return {
    tier,
    place: reason === undefined ? placeOfType(member.error) : placeOfReason(reason),
    said,
    reason,
  };
}

function placeOfReason(reason: Reason): Place {
  const { source, type = '' } = REASONS[reason];
  if (source === 'peer') return 'next';
  return source === 'origin' ? placeOfType(type) : 'verdict';
}

/** By types of RFC 9209 section 2.3. */
function placeOfType(type = ''): Place {
  if (type.startsWith('dns_')) return 'dns';
  if (/^(?:connection_(?!limit)|destination_(?:unavailable|ip_unroutable|not_found)|tls_)/.test(type))
    return 'connect';
  return /^http_(?:response_|protocol_|upgrade_)/.test(type) ? 'answer' : 'verdict';
}

/** By the names of Squid's error pages. */
function placeOfSquid(code: string, tier: number): Place {
  if (
    /^ERR_(?:CANNOT_FORWARD|CONNECT_FAIL|SECURE_CONNECT_FAIL|READ_TIMEOUT|READ_ERROR|ZERO_SIZE_OBJECT)$/.test(
      code,
    )
  ) {
    // A Squid does not tell a peer from a target; the second of two tiers has no peer.
    if (tier === 1) return 'next';
    return code === 'ERR_CANNOT_FORWARD' ? 'dns' : 'connect';
  }
  return code === 'ERR_DNS_FAIL' ? 'dns' : 'verdict';
}

function placeOfStatus(status: number, tier: number): Place {
  if (status !== 502 && status !== 503 && status !== 504) return 'verdict';
  return tier === 1 ? 'next' : 'connect';
}

function hearsayOf(answer: Answer, members: readonly ProxyStatus[]): string[] {
  const word = squidWordOf(answer);
  const page = word === undefined ? [] : [`Squid ${word.maker ?? 'without a name'}: ${word.code}`];
  return [...members.map(describe), ...page];
}

function describe({ hop, error, details, receivedStatus }: ProxyStatus): string {
  const words = [error, details, receivedStatus === undefined ? undefined : `received ${receivedStatus}`];
  return `${hop}: ${words.filter((word) => word !== undefined).join(', ') || 'passed it on'}`;
}
