/**
 * What the values of one Squid ACL mean in Weir, type by type: ACLs of which any must hold, an answer that is always the same,
 * or that Weir cannot judge it. Each difference is told at the line that has it.
 */
import { parseDomainPattern } from '#match/domains.ts';
import { parsePortRange } from '#match/ports.ts';
import { METHODS } from '#net/methods.ts';
import type { AclDraft } from './draft.ts';
import type { Tell } from './finding.ts';
import { type AddressRange, areAll, networksOf, parseAddresses, withoutOverlaps } from './networks.ts';
import type { Statement } from './statement.ts';

/** One value with the line that has it. */
export interface AclValue {
  readonly text: string;
  readonly at: Statement;
}

/** An ACL as Squid has it: lines of one name and type, their values together. */
export interface SquidAcl {
  readonly name: string;
  readonly type: string;
  readonly values: readonly AclValue[];
  /** `-i`, `-n` and the like. */
  readonly flags: ReadonlySet<string>;
  /** File of all values, where there is no other and it is a list in Weir's form too. */
  readonly file?: string | undefined;
}

/** What became of an ACL. */
export type Outcome =
  | {
      readonly any: readonly AclDraft[];
      readonly isNegated?: true;
      /** What it says of a CONNECT, where its ACLs cannot be asked; others that any must hold, none: it never does. */
      readonly ofTunnels?: 'always' | 'unknown' | readonly AclDraft[];
      /** What cannot be judged, where it is no CONNECT. */
      readonly unlessFound?: { readonly acl: AclDraft; readonly name: string; readonly why: string };
    }
  | { readonly constant: boolean }
  | { readonly unknown: string };

export type Translate = (acl: SquidAcl, tell: Tell) => Outcome;

/** An ACL of `key` with the values; one without values never holds, as in Squid. */
function listed(key: string, values: readonly unknown[]): Outcome {
  return values.length === 0 ? { constant: false } : { any: [{ [key]: values }] };
}

/** A value with the ranges that it stands for. */
interface Ranges {
  readonly ranges: readonly AddressRange[];
  readonly value: AclValue;
}

/** `src` and `dst`. */
export function addresses(key: 'src' | 'dst'): Translate {
  return (acl, tell) => {
    if (acl.flags.has('-n'))
      return {
        unknown: 'with -n it holds only for targets that are addresses, not for names that lead there',
      };
    const read = acl.values.map((value) => rangesOf(value, tell));
    if (!read.every((one) => one !== undefined)) return { unknown: 'it has a value that is no address' };
    const { counted, lost } = withoutOverlaps(read);
    for (const { value, by } of lost) tellLost(value.value, by.value, tell);
    const ranges = counted.flatMap((one) => one.ranges);
    return areAll(ranges) ? { constant: true } : listed(key, ranges.flatMap(networksOf));
  };
}

/** Undefined where it is no address. */
function rangesOf(value: AclValue, tell: Tell): Ranges | undefined {
  const parsed = parseAddresses(value.text);
  if (parsed === undefined)
    tell(value.at, 'error', `"${value.text}" is no address, network or range. Write the addresses of a name`);
  if (parsed?.isCut)
    tell(value.at, 'changed', `"${value.text}" has bits that its mask takes away, as in Squid`);
  return parsed && { ranges: parsed.ranges, value };
}

function tellLost(lost: AclValue, by: AclValue, tell: Tell): void {
  const message = `Squid 5 and 6 ignore "${lost.text}" because "${by.text}" stands before it, and so does this. If it is meant (Squid 7 takes both), remove "${by.text}"`;
  tell(lost.at, 'dangerous', message);
}

/** `dstdomain`. */
export const domains: Translate = (acl, tell) => {
  const texts: string[] = [];
  let isLost = false;
  for (const { text, at } of acl.values) {
    const [never, unlike] = [whyNever(text), whyUnlike(text)];
    if (never === undefined && unlike === undefined) texts.push(parseDomainPattern(text).text);
    else tell(at, 'changed', `"${text}" is left out: ${never ?? unlike}`);
    isLost ||= never === undefined && unlike !== undefined;
  }
  if (!acl.flags.has('-n')) tellReverse(acl, tell);
  if (texts.length === 0 && isLost) return { unknown: 'none of its domains can be carried over' };
  if (acl.file !== undefined) return { any: [{ dstDomains: { file: acl.file } }] };
  return listed('dstDomains', [...new Set(texts)]);
};

/** Why Squid never takes a name for one of this entry; undefined where it may. */
function whyNever(text: string): string | undefined {
  if (text.includes('*')) {
    return 'Squid takes "*" for a character, so that it never matched. Write it as ".example.com" if it is meant to';
  }
  if (/[^\x20-\x7e]/.test(text))
    return 'Squid compares letters as they are, and clients send A-labels (xn--)';
  return text.endsWith('.') ? 'Squid never matches an entry with a dot at its end' : undefined;
}

/** Why Weir has no such entry; undefined where it has. */
function whyUnlike(text: string): string | undefined {
  try {
    parseDomainPattern(text);
    return undefined;
  } catch (error) {
    const isAddress = (error as Error).message.includes('is an address');
    return isAddress ? 'it is an address. Write it under dst, in an ACL of its own' : 'it is no host name';
  }
}

function tellReverse(acl: SquidAcl, tell: Tell): void {
  for (const at of new Set(acl.values.map((value) => value.at))) {
    const message =
      'For a target that is an IP address Squid looks for a name by reverse DNS and compares that; Weir never does: dstDomains cannot judge an IP address, so that allow fails and deny holds';
    tell(at, 'changed', message);
  }
}

/** `port`. */
export const ports: Translate = (acl, tell) => {
  const ranges: string[] = [];
  for (const { text, at } of acl.values) {
    // Port 0 cannot be asked for.
    const range = text.replace(/^0+-/, '1-');
    if (/^0+$/.test(text)) continue;
    try {
      ranges.push(parsePortRange(range).text);
    } catch {
      tell(at, 'error', `"${text}" is no port and no range of ports`);
      return { unknown: `"${text}" is no port` };
    }
  }
  return listed('ports', ranges.map(portValue));
};

/** A single port is a number. */
function portValue(text: string): string | number {
  return text.includes('-') ? text : Number(text);
}

/** `method`. */
export const methods: Translate = (acl, tell) => {
  const known: string[] = [];
  for (const { text, at } of acl.values) {
    const method = text.toUpperCase();
    if (METHODS.includes(method)) known.push(method);
    else tell(at, 'changed', `"${text}" is left out: Weir answers 400 to requests of that method`);
  }
  return listed('methods', [...new Set(known)]);
};

/** `proto`: of what clients may ask a proxy, Weir knows CONNECT and http://. */
export const schemes: Translate = (acl, tell) => {
  const names = new Set(acl.values.map(({ text }) => text.toUpperCase()));
  for (const { text, at } of acl.values) {
    if (!['HTTP', 'NONE'].includes(text.toUpperCase()))
      tell(at, 'changed', `"${text}": Weir refuses requests of that scheme whatever the rules say`);
  }
  // To Squid a CONNECT has the scheme NONE, whatever is in the tunnel.
  const [plain, connect] = [names.has('HTTP'), names.has('NONE')];
  if (plain && connect) return { constant: true };
  if (!plain && !connect) return { constant: false };
  const tunnels = { any: [{ methods: ['CONNECT'] }] };
  return connect ? tunnels : { ...tunnels, isNegated: true };
};
