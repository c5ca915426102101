/**
 * The guard: whether a permitted destination may be dialled from here. It keeps a name that leads to this host, to the
 * company's inside or to a cloud's metadata server from being an open door. Direct dials only.
 */
import assert from 'node:assert/strict';
import { Reach, SuffixTable } from '#match/suffix-table.ts';
import type { Host } from '#net/host.ts';
import { embeddedIpv4, type IpAddress, type Network } from '#net/ip.ts';
import { type OwnHost, type OwnPort, OwnPorts } from '#net/own-ports.ts';
import { PrefixSet } from '#net/prefix-set.ts';
import { isPermit, type Permit } from './permit.ts';
import { SPECIAL_NAMES, SPECIAL_RANGES } from './special-purpose.ts';

export interface GuardOptions {
  /** Exceptions to the special-purpose ranges and to the host's own addresses. */
  readonly allow: readonly Network[];
  /** Refused even where `allow` names it. */
  readonly deny: readonly Network[];
  /** Tells what addresses this host has at the moment. */
  readonly ownHost: OwnHost;
  readonly ownPorts: readonly OwnPort[];
}

export interface Guard {
  readonly allow: PrefixSet;
  readonly deny: PrefixSet;
  readonly ownHost: OwnHost;
  /** Never dialled, whatever is allowed. */
  readonly ownPorts: OwnPorts;
  readonly specialNames: SuffixTable;
}

/** An address that the guard let pass: the only thing that may be dialled. Made here alone. */
class VettedAddress {
  readonly #isGenuine = true;
  readonly ip: IpAddress;

  constructor(ip: IpAddress) {
    this.ip = ip;
  }

  static has(value: unknown): value is VettedAddress {
    return typeof value === 'object' && value !== null && #isGenuine in value;
  }
}

export type { VettedAddress };

/** Whether the value is an address that this module vetted. */
export const isVettedAddress: (value: unknown) => value is VettedAddress = VettedAddress.has;

/** What is to be dialled. */
export interface Candidates {
  readonly permit: Permit;
  readonly addresses: readonly IpAddress[];
  readonly port: number;
}

/** By whose leave, and on which port. */
interface Asked {
  readonly guard: Guard;
  readonly permit: Permit;
  readonly port: number;
}

export interface Vetting {
  /** In the order of the candidates. */
  readonly vetted: readonly VettedAddress[];
  /** The rest, each with a reason for the log. */
  readonly refused: readonly { readonly address: IpAddress; readonly why: string }[];
}

const SPECIAL = new PrefixSet(SPECIAL_RANGES);
const NAMES = new SuffixTable(new Map(SPECIAL_NAMES.map((name) => [name, Reach.Itself | Reach.Below])));

/** Compiles the guard of one configuration on one host. */
export function compileGuard(options: GuardOptions): Guard {
  const { ownHost, ownPorts } = options;
  return Object.freeze({
    allow: new PrefixSet(options.allow),
    deny: new PrefixSet(options.deny),
    ownHost,
    ownPorts: new OwnPorts(ownPorts, ownHost),
    specialNames: NAMES,
  });
}

/** Whether the name may be resolved at all: a special one only where the permitting rule names its domain. */
export function vetName(guard: Guard, host: Host, permit: Permit): boolean {
  assert(isPermit(permit));
  return host.kind === 'ip' || permit.rule.condition.namesDomain || !guard.specialNames.has(host.text);
}

/** Sorts the addresses of a permitted destination into those that may be dialled and those that may not. */
export function vet(guard: Guard, { permit, addresses, port }: Candidates): Vetting {
  assert(isPermit(permit));
  const vetted: VettedAddress[] = [];
  const refused: { address: IpAddress; why: string }[] = [];
  for (const address of addresses) {
    const isJudged = permit.addresses === undefined || isAmong(permit.addresses, address);
    const why = isJudged ? refusal({ guard, permit, port }, address) : 'not among those the rule allows';
    if (why === undefined) vetted.push(new VettedAddress(address));
    else refused.push({ address, why });
  }
  return { vetted, refused };
}

function isAmong(addresses: readonly IpAddress[], { text }: IpAddress): boolean {
  for (const one of addresses) if (one.text === text) return true;
  return false;
}

/** Why the address may not be dialled on this port; undefined where it may. */
function refusal(asked: Asked, address: IpAddress): string | undefined {
  const { guard, permit, port } = asked;
  if (guard.ownPorts.has(address, port)) return 'own listener';
  if (guard.deny.has(address)) return 'guard.deny';
  const embedded = embeddedIpv4(address);
  const why = specialUse(guard, address, embedded);
  const isExcepted = guard.allow.has(address) || permit.rule.allowPrivate?.has(address);
  if (why === undefined || !isExcepted) return why;
  // An exception for the way to an IPv4 address is none for the address it leads to.
  return embedded && refusal(asked, embedded);
}

function specialUse(guard: Guard, address: IpAddress, embedded: IpAddress | undefined): string | undefined {
  const range = SPECIAL.find(address);
  if (range !== undefined) return range.why;
  if (embedded !== undefined) return 'IPv4 behind ISATAP, RFC 5214';
  return guard.ownHost.has(address.text) ? 'own address' : undefined;
}
