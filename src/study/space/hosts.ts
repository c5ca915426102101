/**
 * Host names by the domain lists that name them. Lists tell apart only the names that stand in them, and what is below
 * each: one name below that no list has stands for all of those, and one that is below nothing for the rest.
 */
import type { DomainPattern } from '#match/domains.ts';
import { bitOf, Classes, type Partition } from './partition.ts';

/** Matchers that hold for a name itself, and for what is below it. */
interface Reached {
  readonly itself: bigint;
  readonly below: bigint;
}

const LONGEST_NAME = 253;

/** Classes of host names; `lists` are the matchers. */
export function partitionHosts(lists: readonly (readonly DomainPattern[])[]): Partition<string> {
  const names = new Map<string, Reached>();
  for (const [matcher, patterns] of lists.entries()) {
    for (const pattern of patterns)
      names.set(pattern.name, extended(names.get(pattern.name), pattern, matcher));
  }
  const classes = new Classes<string>();
  classes.add(0n, freshName(names));
  for (const [name, { itself, below }] of names) {
    const above = reachedFromAbove(names, name);
    classes.add(above | itself, name);
    const child = freshChild(names, name);
    if (child.length <= LONGEST_NAME) classes.add(above | below, child);
  }
  return classes.partition(lists.length);
}

function extended(before: Reached | undefined, { reach }: DomainPattern, matcher: number): Reached {
  const { itself = 0n, below = 0n } = before ?? {};
  const bit = bitOf(matcher);
  return {
    itself: reach === 'below' ? itself : itself | bit,
    below: reach === 'itself' ? below : below | bit,
  };
}

/** Matchers that hold for a name because of what it is below of. */
function reachedFromAbove(names: ReadonlyMap<string, Reached>, name: string): bigint {
  let reached = 0n;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    reached |= names.get(name.slice(dot + 1))?.below ?? 0n;
  }
  return reached;
}

/** A name directly below this one that stands in no list. Where `www` does not fit, a shorter label may. */
function freshChild(names: ReadonlyMap<string, Reached>, name: string): string {
  const usual = `www.${name}`;
  if (usual.length <= LONGEST_NAME && !names.has(usual)) return usual;
  return `${freeLabel('', (label) => names.has(`${label}.${name}`))}.${name}`;
}

/** A name that no list reaches; `.example` is nobody's (RFC 2606). */
function freshName(names: ReadonlyMap<string, Reached>): string {
  const isTaken = (label: string): boolean => names.has(label) || names.has(`elsewhere.${label}`);
  return `elsewhere.${isTaken('example') ? freeLabel('x', isTaken) : 'example'}`;
}

/** The shortest label that begins so and is free. */
function freeLabel(beginning: string, isTaken: (label: string) => boolean): string {
  let label = `${beginning}0`;
  for (let number = 1; isTaken(label); number += 1) label = `${beginning}${number.toString(36)}`;
  return label;
}
