/**
 * Regular expressions in the syntax of RE2, matched in time that grows only with the text: no expression can hang the
 * proxy, whatever a client sends. What needs backtracking (backreferences, lookaround) does not exist here. The only file
 * that knows the engine.
 */
import { RE2JS, RE2Set } from 're2js';

/** An expression that compiles. */
export interface Pattern {
  /** As written. */
  readonly text: string;
  /** Instructions of its program. */
  readonly size: number;
}

/** What a list of patterns is held against. */
export interface PatternUse {
  /** Longest text that is judged. */
  readonly longest: number;
  readonly ignoresCase: boolean;
}

const MAX_LENGTH = 1000;
/**
 * Instructions times characters: the most that one question may cost where the engine has to fall back to its slow way, which
 * was seen to take about 100 ns for each; patterns as people write them take a hundredth of that.
 */
const MAX_STEPS = 8_000_000;
/** Patterns that share one automaton: with more of them it grows beyond its memory and is thrown away again and again. */
const TOGETHER = 16;
/** Of one automaton, in bytes. */
const MAX_MEMORY = 1024 * 1024;

/**
 * Reads one expression.
 * @throws {Error} naming the text and the fix
 */
export function parsePattern(text: string): Pattern {
  if (text === '') throw new Error('Pattern "" matches everything, remove it');
  if (text.length > MAX_LENGTH) {
    const start = text.slice(0, 40);
    throw new Error(
      `Pattern "${start}…" is too long, write at most ${MAX_LENGTH} characters, or several patterns`,
    );
  }
  try {
    return Object.freeze({ text, size: RE2JS.compile(text).programSize() });
  } catch (cause) {
    throw new Error(`Pattern "${text}" ${faultOf(text, cause as Error)}`, { cause });
  }
}

function faultOf(text: string, { message }: Error): string {
  // Without escaped backslashes, behind which a digit or a parenthesis means itself.
  const bare = text.replaceAll('\\\\', '');
  if (/\\[1-9]|\\k</.test(bare)) return `has a backreference, which RE2 does not know, write it without`;
  if (/\(\?<?[=!]/.test(bare)) return `looks ahead or behind, which RE2 does not know, write it without`;
  return `cannot be read: ${message.replace(/^error parsing regexp: /, '')}, write it in the syntax of RE2`;
}

/**
 * Checks that a list is cheap enough to ask on every request.
 * @throws {Error} saying by how much it is not
 */
export function boundPatterns<T extends Pattern>(patterns: readonly T[], longest: number): readonly T[] {
  const size = patterns.reduce((sum, pattern) => sum + pattern.size, 0);
  const most = Math.floor(MAX_STEPS / longest);
  if (size <= most) return patterns;
  throw new Error(
    `The patterns compile to ${size} instructions, write fewer or simpler ones, of at most ${most} instructions together`,
  );
}

/** Whether any of several patterns is found in a text. */
export class PatternSet {
  readonly #sets: readonly RE2Set[];
  readonly #longest: number;

  /** @throws {Error} where they would cost too much */
  constructor(patterns: readonly Pattern[], { longest, ignoresCase }: PatternUse) {
    boundPatterns(patterns, longest);
    this.#longest = longest;
    this.#sets = groupsOf(patterns).map((group) => {
      const set = new RE2Set(RE2Set.UNANCHORED, ignoresCase ? RE2JS.CASE_INSENSITIVE : 0, MAX_MEMORY);
      for (const { text } of group) set.add(text);
      set.compile();
      return set;
    });
  }

  /** Undefined where the text is too long to be judged. */
  isFoundIn(text: string): boolean | undefined {
    if (text.length > this.#longest) return undefined;
    for (const set of this.#sets) if (set.match(text).length > 0) return true;
    return false;
  }
}

function groupsOf(patterns: readonly Pattern[]): (readonly Pattern[])[] {
  const groups: (readonly Pattern[])[] = [];
  for (let i = 0; i < patterns.length; i += TOGETHER) groups.push(patterns.slice(i, i + TOGETHER));
  return groups;
}
