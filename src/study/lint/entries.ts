/**
 * Entries of lists that another entry of the same list has already: what is under a domain that is there, a network within a
 * network, a port within a range. Each list is looked at once, however long it is.
 */
import type { AclOptions } from '#match/acl.ts';
import type { DomainPattern } from '#match/domains.ts';
import type { Network } from '#net/ip.ts';
import { spanOf } from '../space/addresses.ts';
import type { Span } from '../space/spans.ts';
import { firstOfEach, type Remark } from './finding.ts';

/** A list that repeats itself throughout should not fill a screen for each entry. */
const MOST_REMARKS = 20;

/** An entry by its index in the list, and the one that has it. */
interface Redundant {
  readonly index: number;
  readonly entry: string;
  readonly by: string;
}

/** Remarks about the lists of each ACL. */
export function lintEntries(acls: Readonly<Record<string, AclOptions>>): Remark[] {
  return Object.entries(acls).flatMap(([acl, { dstDomains = [], src = [], dst = [], ports = [] }]) => [
    ...remarks(acl, 'dstDomains', redundantDomains(dstDomains)),
    ...remarks(acl, 'src', redundantSpans(src, spanOf)),
    ...remarks(acl, 'dst', redundantSpans(dst, spanOf)),
    ...remarks(
      acl,
      'ports',
      redundantSpans(ports, ({ first, last }) => ({ first: BigInt(first), last: BigInt(last) })),
    ),
  ]);
}

function remarks(acl: string, key: string, found: readonly Redundant[]): readonly Remark[] {
  const all = found.map(({ index, entry, by }): Remark => {
    const message = `"${entry}" of ACL "${acl}" changes nothing, "${by}" has it already`;
    return { code: 'redundant-entry', path: ['acls', acl, key, index], acl, message, fix: 'Remove it' };
  });
  return firstOfEach(all, MOST_REMARKS);
}

/** Entries whose names one other entry reaches; of equal ones the later. */
export function redundantDomains(patterns: readonly DomainPattern[]): Redundant[] {
  const byText = new Map<string, number>();
  for (const [index, { text }] of patterns.entries()) if (!byText.has(text)) byText.set(text, index);
  return patterns.flatMap(({ reach, name, text }, index) => {
    const first = byText.get(text);
    if (first !== index) return [{ index, entry: text, by: text }];
    const candidates = [...(reach === 'itself-and-below' ? [] : [`.${name}`]), ...abovesOf(name)];
    const by = candidates.find((candidate) => byText.has(candidate));
    return by === undefined ? [] : [{ index, entry: text, by }];
  });
}

/** Entries that reach everything from the name on. */
function abovesOf(name: string): string[] {
  const aboves: string[] = [];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const above = name.slice(dot + 1);
    aboves.push(`.${above}`, `*.${above}`);
  }
  return aboves;
}

/** Entries that lie within one other entry; of equal ones the later. */
export function redundantSpans<T extends Network | { readonly text: string }>(
  entries: readonly T[],
  spanOfEntry: (entry: T) => Span,
): Redundant[] {
  const spans = entries.map((entry, index) => ({ index, entry: entry.text, ...spanOfEntry(entry) }));
  spans.sort((a, b) => compare(a.first, b.first) || compare(b.last, a.last) || a.index - b.index);
  const found: Redundant[] = [];
  let widest = spans[0];
  for (const span of spans.slice(1)) {
    if (widest !== undefined && span.last <= widest.last)
      found.push({ index: span.index, entry: span.entry, by: widest.entry });
    else widest = span;
  }
  return found.sort((a, b) => a.index - b.index);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
