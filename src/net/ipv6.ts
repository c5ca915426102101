/**
 * IPv6 text to eight 16-bit groups and back. Reads every form of RFC 4291 section 2.2, writes the one of RFC 5952.
 * No brackets and no zone identifiers: those belong to authorities and to interfaces, not to addresses.
 */
import { parseIpv4 } from './ipv4.ts';

/** Longest text form: six groups and a dotted quad. */
const MAX_LENGTH = 45;

const GROUP = /^[0-9a-f]{1,4}$/i;

/** The eight groups, or undefined where `text` is no IPv6 address. */
export function parseIpv6(text: string): readonly number[] | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const gap = text.indexOf('::');
  if (gap < 0) {
    const groups = parseGroups(text, true);
    return groups?.length === 8 ? groups : undefined;
  }
  const head = parseGroups(text.slice(0, gap), false);
  const tail = parseGroups(text.slice(gap + 2), true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  // "::" stands for at least one group.
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Groups between colons; the last may be a dotted quad, worth two, where `text` ends the address. */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  const groups: number[] = [];
  if (text === '') return groups;
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const word = isEnd && index === parts.length - 1 ? parseIpv4(part) : -1;
    if (word < 0) return undefined;
    groups.push(word >>> 16, word & 0xffff);
  }
  return groups;
}

/** Canonical text (RFC 5952): lower case, no leading zeros, the first longest run of two zero groups or more as "::". */
export function formatIpv6(groups: readonly number[]): string {
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
