/**
 * Regular expressions as Squid reads them (POSIX, by the library of GNU), in the syntax of RE2. What RE2 reads otherwise is
 * written otherwise where that can be said, and refused where it cannot; none is guessed at.
 */
import { parsePattern } from '#match/patterns.ts';

/** A bracket expression, something behind a backslash, or one character. */
const TOKEN = /\[\^?\]?(?:\[:[a-z]+:\]|[^\]])*\]|\\.|[\s\S]/g;
/** Letters behind a backslash that mean the same to both. Other letters and digits, `\<` and the like do not. */
const OTHER_ESCAPE = /^\\(?:(?![wWsSbB])[\w<>`'])?$/;
/** Repetitions that one of the two takes for a character, or for something else. */
const UNLIKE_REPEAT = /\(\?|[*+?}][*+?{]|(?:^|[(|^])[*+?{]|\{(?!\d+(?:,\d*)?\})/;

/** The expression in the syntax of RE2; undefined where it cannot be said there. */
export function toRe2(text: string): string | undefined {
  if (!/^[ -~]+$/.test(text) || UNLIKE_REPEAT.test(withoutSets(text))) return undefined;
  const parts = (text.match(TOKEN) ?? []).map(partOf);
  if (!parts.every((part) => part !== undefined)) return undefined;
  try {
    return parsePattern(parts.join('')).text;
  } catch {
    return undefined;
  }
}

function partOf(token: string): string | undefined {
  if (token.length > 1 && token.startsWith('[')) return setOf(token);
  return OTHER_ESCAPE.test(token) ? undefined : token;
}

/** Between brackets a backslash is a character like any other to POSIX, and a first `]` is in the set. */
function setOf(token: string): string | undefined {
  if (/\[[.=]/.test(token)) return undefined;
  const [, sign = '', inner = ''] = /^\[(\^?)(.*)\]$/.exec(token) ?? [];
  return `[${sign}${inner.replaceAll(/\[:[a-z]+:\]|[\\[\]]/g, (part) => (part.length > 1 ? part : `\\${part}`))}]`;
}

/** With a letter for each set, and for what is behind a backslash, but for slashes. */
function withoutSets(text: string): string {
  return text.replaceAll(TOKEN, (token) => {
    if (token.length === 1) return token;
    return token === '\\/' ? '/' : 'x';
  });
}

/** With a letter for what is in parentheses, too. */
function flat(text: string): string {
  let [before, after] = ['', withoutSets(text)];
  while (before !== after) [before, after] = [after, after.replaceAll(/\([^()]*\)/g, 'x')];
  return after;
}

/**
 * An expression for paths as one for URLs; undefined where it might be found in the host, too.
 * @param text in the syntax of RE2
 */
export function ofPath(text: string): string | undefined {
  const bare = flat(text);
  if (bare.includes('|')) return undefined;
  if (/^\^\/(?![*?{])/.test(bare)) return text.replace('^', '^http://[^/]+');
  if (/^\/(?![*?{])/.test(bare)) return `^http://[^/]+(?:/.*)?${text}`;
  const isElsewhere = /^(?:[A-Za-z0-9_-]|\\[.-])(?![*?{])/.test(text);
  return isElsewhere ? `^http://[^/]+/.*${text}` : undefined;
}
