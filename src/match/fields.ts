/**
 * `headers`: fields of the request head, by name in any case. All names must match; of the patterns of one name any, on all
 * lines of that field: where only some match it is unknown. A field that is not there matches no pattern; one that goes no further than this hop is unknown.
 */
import { HOP_BY_HOP, type RawHeaders, valuesOf } from '#net/headers.ts';
import { foundIn } from './expressions.ts';
import type { Matcher } from './matcher.ts';
import { type Pattern, PatternSet } from './patterns.ts';
import type { Subject } from './subject.ts';
import { Tri } from './tri.ts';

/** What is asked of one field: patterns for its value, or merely that it is there. */
export type FieldWish = { readonly patterns: readonly Pattern[] } | { readonly present: true };

/** By name in lower case. */
export type FieldWishes = Readonly<Record<string, FieldWish>>;

/** Of all lines of a field together, in characters. */
export const LONGEST_VALUE = 4096;
/** An empty line costs something as well. */
const MOST_LINES = 32;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const MAX_NAMES = 32;
/** What only a hop of ours may say, and is no fact before it is believed. */
const NEVER = new Set(['weir-identity', 'weir-transaction']);
/** Their values are secrets, which are not written into a configuration. */
const SECRET = new Set(['authorization', 'proxy-authorization', 'cookie']);

/**
 * Brings the names to lower case.
 * @throws {Error} naming the field and the fix
 */
export function parseFieldWishes(wishes: FieldWishes): FieldWishes {
  const entries = Object.entries(wishes).map(([name, wish]) => [parseName(name, wish), wish] as const);
  if (entries.length === 0) throw new Error('No field is named, remove the key');
  if (entries.length > MAX_NAMES)
    throw new Error(`${entries.length} fields are named, write at most ${MAX_NAMES}`);
  const parsed = Object.fromEntries(entries);
  const twice = entries.find(([name, wish]) => parsed[name] !== wish);
  if (twice !== undefined) throw new Error(`Field "${twice[0]}" is named twice, write all its patterns once`);
  return Object.freeze(parsed);
}

function parseName(text: string, wish: FieldWish): string {
  const name = text.toLowerCase();
  if (!TOKEN.test(text)) throw new Error(`"${text}" is no field name, write one such as "user-agent"`);
  const fault = faultOfField(name);
  if (fault !== undefined) throw new Error(`Field "${text}" ${fault}`);
  if (SECRET.has(name) && !('present' in wish))
    throw new Error(`Field "${text}" holds a secret, write { present: true }`);
  return name;
}

/** Why the field `name` (lower case) cannot be asked for, and what to do; undefined where it can. */
export function faultOfField(name: string): string | undefined {
  if (NEVER.has(name)) return 'is what hops tell each other, remove it';
  if (name === 'host') return 'gives way to the host of the request target, write dstDomains';
  if (!HOP_BY_HOP.has(name) || SECRET.has(name)) return undefined;
  return 'is about one connection and goes no further, remove it';
}

/** `headers`: judges the fields as they were received; unknown where they are not known. */
export function compileFields(wishes: FieldWishes): Matcher {
  const tests = Object.entries(wishes).map(([name, wish]) => compileField(name, wish));
  return Object.freeze<Matcher>({
    key: 'headers',
    test: ({ headers }: Subject) => {
      if (headers === undefined) return Tri.Unknown;
      let result: Tri = Tri.True;
      for (const test of tests) {
        const value = test(headers);
        if (value === Tri.False) return Tri.False;
        if (value === Tri.Unknown) result = Tri.Unknown;
      }
      return result;
    },
  });
}

function compileField(name: string, wish: FieldWish): (headers: RawHeaders) => Tri {
  const judge = 'present' in wish ? () => Tri.True : judgeBy(wish.patterns);
  const nomination = listing(name);
  return (headers) => {
    const values = valuesOf(headers, name);
    if (values.length === 0) return Tri.False;
    // Connection has it removed, so that the next hop goes by something else.
    if (valuesOf(headers, 'connection').some((list) => nomination.test(list))) return Tri.Unknown;
    return judge(values);
  };
}

/** Finds a name in a list without taking the list apart: it may be long, and each name is looked for on its own. */
function listing(name: string): RegExp {
  return new RegExp(String.raw`(?:^|,)\s*${RegExp.escape(name)}\s*(?:,|$)`, 'i');
}

function judgeBy(patterns: readonly Pattern[]): (values: readonly string[]) => Tri {
  const set = new PatternSet(patterns, { longest: LONGEST_VALUE, ignoresCase: false });
  return (values) => {
    if (isTooMuch(values)) return Tri.Unknown;
    const [first, ...others] = values.map((value) => foundIn(set, value));
    // Nobody knows which of the lines the next hop goes by.
    return others.some((other) => other !== first) ? Tri.Unknown : (first as Tri);
  };
}

/** What a request may cost is bounded, however it is cut into lines. */
function isTooMuch(values: readonly string[]): boolean {
  return values.length > MOST_LINES || values.reduce((sum, { length }) => sum + length, 0) > LONGEST_VALUE;
}
