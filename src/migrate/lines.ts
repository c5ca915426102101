/**
 * The text of a squid.conf as whole lines of words: lines that end in a backslash go on, blanks in front are nothing, and a
 * word that begins with `#` begins a comment. As Squid reads it: no blank is put where two lines meet.
 */
import type { Word } from './statement.ts';

/** One line that is not empty. */
export interface Line {
  /** From 1, the first of those it was written over. */
  readonly number: number;
  readonly words: readonly Word[];
}

/** The lines that say something. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let begun = '';
  let number = 0;
  for (const [index, physical] of text.split('\n').entries()) {
    const rest = physical.replace(/\r$/, '').trimStart();
    // Squid skips both before it looks for what goes on, so that they may stand in the middle.
    if (rest === '' || rest.startsWith('#')) continue;
    if (begun === '') number = index + 1;
    begun += rest;
    if (begun.endsWith('\\')) {
      begun = begun.slice(0, -1);
      continue;
    }
    pushLine(lines, number, begun);
    begun = '';
  }
  pushLine(lines, number, begun);
  return lines;
}

function pushLine(lines: Line[], number: number, text: string): void {
  const words = wordsOf(text);
  if (words.length > 0) lines.push({ number, words });
}

/** A word in quotes, with what is left of it where the second quote is missing, or any other. */
const WORD = /(?<quote>["'])(?<quoted>(?:(?!\k<quote>)[^\\]|\\.?)*)(?:\k<quote>|$)|(?<plain>\S+)/gsu;

/** The words of one line, up to a comment. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const { groups } of text.matchAll(WORD)) {
    if (groups?.quoted !== undefined) words.push({ text: unescaped(groups.quoted), isQuoted: true });
    else if (groups?.plain?.startsWith('#')) break;
    else words.push({ text: groups?.plain ?? '', isQuoted: false });
  }
  return words;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, '$1');
}
