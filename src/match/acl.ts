/**
 * A named ACL: its keys are ANDed, the values inside one key are ORed by that key's matcher. Rules and routes refer to it
 * by name; what it means where it is unknown is theirs to say (condition.ts).
 */
import { type ClientKeys, compileClientKeys } from './client-keys.ts';
import type { Matcher } from './matcher.ts';
import { compileRequestKeys, type RequestKeys } from './request-keys.ts';
import type { Subject } from './subject.ts';
import { Tri } from './tri.ts';

/** The keys of one ACL, parsed. No key: it does not matter. */
export interface AclOptions extends ClientKeys, RequestKeys {}

/** A compiled ACL. */
export interface Acl {
  readonly name: string;
  /** Its keys, cheapest first; {@link testMatchers} over them is the whole answer. */
  readonly matchers: readonly Matcher[];
  /** Whether it may be pending until the host is resolved. */
  readonly usesDestination: boolean;
  /** Whether it can only hold for a host whose domain it names. */
  readonly namesDomain: boolean;
  /** Whether it can only hold for a method that it names. */
  readonly namesMethod: boolean;
  test(subject: Subject): Tri;
}

/** Name of the ACL that always holds and needs no definition. */
export const ALL = 'all';

/** @throws {Error} where the options have no key, an empty list, or an unknown time zone */
export function compileAcl(name: string, options: AclOptions): Acl {
  const empty = Object.entries(options).find(([, value]) => Array.isArray(value) && value.length === 0);
  if (empty !== undefined)
    throw new Error(`ACL "${name}" has an empty list under "${empty[0]}", remove the key`);
  const matchers = compileMatchers(options);
  if (matchers.length === 0)
    throw new Error(`ACL "${name}" has no key, use the built-in "${ALL}" for everything`);
  return aclOf(name, matchers);
}

/**
 * Every ACL by its name, with the built-in `all`.
 * @throws {Error} as {@link compileAcl}, and where `all` is defined anew
 */
export function compileAcls(options: Readonly<Record<string, AclOptions>>): ReadonlyMap<string, Acl> {
  if (Object.hasOwn(options, ALL)) throw new Error(`ACL "${ALL}" is built in, choose another name`);
  const defined = Object.entries(options).map(([name, acl]) => [name, compileAcl(name, acl)] as const);
  return new Map([[ALL, aclOf(ALL, [])], ...defined]);
}

/** Whatever is a look-up in a word or a bit comes before networks, names and expressions. */
const CHEAPEST: readonly string[] = ['methods', 'schemes', 'listeners', 'ports', 'time'];

function compileMatchers(options: AclOptions): Matcher[] {
  const matchers = [...compileClientKeys(options), ...compileRequestKeys(options)];
  return [...matchers.filter(isCheap), ...matchers.filter((matcher) => !isCheap(matcher))];
}

function isCheap({ key }: Matcher): boolean {
  return CHEAPEST.includes(key);
}

function aclOf(name: string, matchers: readonly Matcher[]): Acl {
  return Object.freeze<Acl>({
    name,
    // Not frozen, as no list on the way of a decision is but the addresses of a permit: V8 walks a frozen array several times slower
    // (bench/micro/decide.ts: 760 instead of 220 ns per decision).
    matchers,
    usesDestination: matchers.some(({ key }) => key === 'dst'),
    namesDomain: matchers.some(({ key }) => key === 'dstDomains'),
    namesMethod: matchers.some(({ key }) => key === 'methods'),
    test: testOf(matchers),
  });
}

/** Most ACLs have one key, whose answer is all of it. */
function testOf(matchers: readonly Matcher[]): Acl['test'] {
  const [only] = matchers;
  if (only !== undefined && matchers.length === 1) return only.test;
  return (subject) => testMatchers(matchers, subject);
}

/** Conjunction: false where any is false; else what is known last of all in it; else unknown where any is; else true. */
function testMatchers(matchers: readonly Matcher[], subject: Subject): Tri {
  let result: Tri = Tri.True;
  for (const matcher of matchers) {
    const value = matcher.test(subject);
    if (value === Tri.False) return Tri.False;
    // The constants are in the order of precedence: True, Unknown, Unheard, Pending.
    if (value > result) result = value;
  }
  return result;
}
