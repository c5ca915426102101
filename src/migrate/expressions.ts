/**
 * The expressions of one ACL, in the syntax of RE2 and with the flag that holds for each: `-i` and `+i` stand among them, and in
 * front of them on each line.
 */
import { boundPatterns, parsePattern } from '#match/patterns.ts';
import type { AclValue, SquidAcl } from './acl-values.ts';
import type { Tell } from './finding.ts';
import { toRe2 } from './posix-expression.ts';
import { type Statement, textsOf } from './statement.ts';

/** One expression of Squid's. */
export interface Expression {
  /** As Squid has it. */
  readonly source: string;
  /** In the syntax of RE2. */
  readonly text: string;
  readonly ignoresCase: boolean;
  readonly value: AclValue;
}

/** Those of an ACL; undefined where any cannot be carried over. `shown`: what is told in place of one. */
export function expressionsOf(acl: SquidAcl, tell: Tell, shown?: string): Expression[] | undefined {
  const read: Expression[] = [];
  let [ignoresCase, isWhole] = [false, true];
  for (const [index, value] of acl.values.entries()) {
    if (value.at !== acl.values[index - 1]?.at) ignoresCase = beginsWithoutCase(value.at);
    const source = value.text;
    const text = toRe2(source);
    if (source === '-i' || source === '+i') {
      ignoresCase = source === '-i';
    } else if (text !== undefined) {
      read.push({ source, text, ignoresCase, value });
    } else {
      const message = `${shown ?? `"${source}"`} cannot be said in RE2, or means something else there; write it by hand`;
      tell(value.at, 'changed', message);
      isWhole = false;
    }
  }
  return isWhole ? read : undefined;
}

/** What stands in front of a line's values; it says nothing of other lines. */
function beginsWithoutCase(line: Statement): boolean {
  const texts = textsOf(line, 2);
  const first = texts.findIndex((text) => !/^[-+]/.test(text));
  return (
    texts.slice(0, first === -1 ? texts.length : first).findLast((text) => /^[-+]i$/.test(text)) === '-i'
  );
}

/** Whether Weir takes so many patterns in one ACL. */
export function areCheap(texts: readonly string[], longest: number): boolean {
  try {
    return boundPatterns(texts.map(parsePattern), longest).length > 0;
  } catch {
    return false;
  }
}

/** With its flag. */
export function written({ text, ignoresCase }: Expression): string {
  return ignoresCase ? `(?i)${text}` : text;
}
