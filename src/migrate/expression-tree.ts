/**
 * An expression in the syntax of RE2, as far as `toRe2` writes it, as a tree: so that it can be written again for a text of
 * which is known what characters it has, and cut in two at one of them. What cannot be found in such a text falls away.
 */
import { PatternSet, parsePattern } from '#match/patterns.ts';

/** One character of several, a place between two, one after the other, one of several, or one again and again. */
export type Tree =
  | { readonly kind: 'set'; readonly text: string; readonly ignoresCase: boolean }
  | { readonly kind: 'place'; readonly text: string }
  | { readonly kind: 'row'; readonly parts: readonly Tree[] }
  | { readonly kind: 'choice'; readonly parts: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly part: Tree; readonly least: number; readonly most: number };

/** Nothing, which is found anywhere. */
export const EMPTY: Tree = { kind: 'row', parts: [] };

const TOKEN = /\[\^?\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*\]|\\.|\{\d+(?:,\d*)?\}|[\s\S]/g;

/** Reads what `toRe2` has written. */
export function treeOf(text: string, ignoresCase: boolean): Tree {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  const choice = (): Tree => {
    const parts = [row()];
    while (tokens[at] === '|') {
      at += 1;
      parts.push(row());
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'choice', parts };
  };
  const row = (): Tree => {
    const parts: Tree[] = [];
    for (let token = tokens[at]; token !== undefined && token !== '|' && token !== ')'; token = tokens[at]) {
      at += 1;
      parts.push(repeated(token === '(' ? group() : leafOf(token, ignoresCase)));
    }
    return { kind: 'row', parts };
  };
  const group = (): Tree => {
    const inner = choice();
    at += 1;
    return { kind: 'choice', parts: inner.kind === 'choice' ? inner.parts : [inner] };
  };
  const repeated = (part: Tree): Tree => {
    const times = timesOf(tokens[at]);
    if (times === undefined) return part;
    at += 1;
    return { kind: 'repeat', part, ...times };
  };
  return choice();
}

function leafOf(token: string, ignoresCase: boolean): Tree {
  return /^(?:[\^$]|\\[bB])$/.test(token)
    ? { kind: 'place', text: token }
    : { kind: 'set', text: token, ignoresCase };
}

interface Times {
  readonly least: number;
  readonly most: number;
}

function timesOf(token: string | undefined): Times | undefined {
  if (token === '*') return { least: 0, most: Number.POSITIVE_INFINITY };
  if (token === '+') return { least: 1, most: Number.POSITIVE_INFINITY };
  if (token === '?') return { least: 0, most: 1 };
  const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}$/.exec(token ?? '') ?? [];
  if (least === undefined) return undefined;
  if (comma === '') return { least: Number(least), most: Number(least) };
  return { least: Number(least), most: most === '' ? Number.POSITIVE_INFINITY : Number(most) };
}

/** A kind of text, or a part of one. */
export interface Subject {
  /** All characters that it may have. */
  readonly alphabet: string;
  /** Whether `^` holds at its first character, and `$` behind its last: not where more stands around it. */
  readonly isStart: boolean;
  readonly isEnd: boolean;
}

/** The expression for such a text alone; undefined where it is never found there. */
export function writtenFor(tree: Tree, subject: Subject): string | undefined {
  return tree.kind === 'choice' ? options(tree.parts, subject)?.join('|') : partFor(tree, subject);
}

function partFor(tree: Tree, subject: Subject): string | undefined {
  switch (tree.kind) {
    case 'set':
      return setFor(tree, subject.alphabet);
    case 'place':
      return isPossible(tree.text, subject) ? tree.text : undefined;
    case 'row': {
      const parts = tree.parts.map((part) => partFor(part, subject));
      return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
    }
    case 'choice': {
      const parts = options(tree.parts, subject);
      return parts && `(${parts.join('|')})`;
    }
    case 'repeat':
      return repeatFor(tree, subject);
  }
}

function repeatFor(tree: RepeatTree, subject: Subject): string | undefined {
  const part = partFor(tree.part, subject);
  if (part === undefined) return tree.least === 0 ? '' : undefined;
  return part + suffixOf(tree);
}

function options(parts: readonly Tree[], subject: Subject): string[] | undefined {
  const possible = parts.map((part) => partFor(part, subject)).filter((part) => part !== undefined);
  return possible.length === 0 ? undefined : possible;
}

function isPossible(place: string, { isStart, isEnd }: Subject): boolean {
  if (place === '^') return isStart;
  return place === '$' ? isEnd : true;
}

function suffixOf({ least, most }: Times): string {
  if (most === Number.POSITIVE_INFINITY) {
    if (least > 1) return `{${least},}`;
    return least === 1 ? '+' : '*';
  }
  if (least === 0 && most === 1) return '?';
  return least === most ? `{${least}}` : `{${least},${most}}`;
}

type SetTree = Extract<Tree, { kind: 'set' }>;
type RepeatTree = Extract<Tree, { kind: 'repeat' }>;

/** As it stands, where that means the same in whatever case it is compared. */
function setFor(set: SetTree, alphabet: string): string | undefined {
  const found = [...alphabet].filter(membersOf(set)).join('');
  if (found === '') return undefined;
  const hasCapitals = /[A-Z]|\[:upper:\]/.test(set.text.replaceAll(/\\[WSB]/g, ''));
  return set.ignoresCase || !hasCapitals ? set.text : `[${found.replaceAll(/[-[\]\\]/g, '\\$&')}]`;
}

/** Whether a character is in the set, which no large letter is asked for. */
function membersOf({ text, ignoresCase }: SetTree): (letter: string) => boolean {
  if (text === '.') return () => true;
  const own = /^\\?([^\w\\])$|^([\w])$/.exec(text);
  if (own !== null) {
    const [, sign, plain = ''] = own;
    const meant = sign ?? (ignoresCase ? plain.toLowerCase() : plain);
    return (letter) => letter === meant;
  }
  const set = new PatternSet([parsePattern(`^${text}$`)], { longest: 1, ignoresCase });
  return (letter) => set.isFoundIn(letter) === true;
}

/** Whether it is tied to the start of a text, and to another character there; false where that is not certain. */
export function beginsOtherwise(tree: Tree, letter: string): boolean {
  const [start, second] = tree.kind === 'row' ? tree.parts : [];
  if (start?.kind !== 'place' || start.text !== '^') return false;
  const first = second?.kind === 'repeat' && second.least > 0 ? second.part : second;
  return first?.kind === 'set' && !membersOf(first)(letter);
}

/** Counted repetitions beyond this are not cut in two. */
const MOST_TIMES = 10;

/**
 * Every way in which a find may have `letter` in it: what stands before it, and what behind. Undefined where there are too many.
 */
export function cutAt(tree: Tree, letter: string): (readonly [before: Tree, behind: Tree])[] | undefined {
  switch (tree.kind) {
    case 'set':
      return membersOf(tree)(letter) ? [[EMPTY, EMPTY]] : [];
    case 'place':
      return [];
    case 'row':
      return joined(tree.parts, letter, (index) => [tree.parts.slice(0, index), tree.parts.slice(index + 1)]);
    case 'choice':
      return joined(tree.parts, letter, () => [[], []]);
    case 'repeat':
      return cutRepeat(tree, letter);
  }
}

function joined(
  parts: readonly Tree[],
  letter: string,
  around: (index: number) => readonly [before: readonly Tree[], behind: readonly Tree[]],
): (readonly [Tree, Tree])[] | undefined {
  const cuts = parts.map((part) => cutAt(part, letter));
  if (!cuts.every((cut) => cut !== undefined)) return undefined;
  return cuts.flatMap((cut, index) => {
    const [first, last] = around(index);
    return cut.map(
      ([before, behind]) =>
        [
          { kind: 'row', parts: [...first, before] },
          { kind: 'row', parts: [behind, ...last] },
        ] as const,
    );
  });
}

/** So many times before the one that is cut, and the rest behind it. */
function cutRepeat({ part, least, most }: RepeatTree, letter: string): (readonly [Tree, Tree])[] | undefined {
  const isEndless = most === Number.POSITIVE_INFINITY;
  const counted = isEndless ? least : most;
  const cuts = cutAt(part, letter);
  if (cuts?.length === 0 || cuts === undefined) return cuts;
  if (counted > MOST_TIMES) return undefined;
  const rounds = Array.from({ length: isEndless ? Math.max(counted, 1) : counted }, (_, index) => index);
  return rounds.flatMap((times) => {
    const isLast = isEndless && times === rounds.length - 1;
    const first = repeat(part, times, isLast ? most : times);
    const last = repeat(part, Math.max(least - times - 1, 0), most - times - 1);
    return cuts.map(
      ([before, behind]) =>
        [
          { kind: 'row', parts: [first, before] },
          { kind: 'row', parts: [behind, last] },
        ] as const,
    );
  });
}

function repeat(part: Tree, least: number, most: number): Tree {
  return most === 0 ? EMPTY : { kind: 'repeat', part, least, most };
}
