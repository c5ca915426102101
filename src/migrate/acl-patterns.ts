/**
 * ACLs of regular expressions. Squid has POSIX expressions, Weir those of RE2: what can be said in both is carried over, and of
 * the rest none is guessed at. Case counts in Squid unless `-i` stands before an expression.
 */
import { LONGEST_HOST, LONGEST_URL } from '#match/expressions.ts';
import { faultOfField, LONGEST_VALUE } from '#match/fields.ts';
import { boundPatterns, parsePattern } from '#match/patterns.ts';
import type { AclValue, Outcome, SquidAcl, Translate } from './acl-values.ts';
import type { Tell } from './finding.ts';
import { isOfNames, needsSlash, ofPath, toRe2 } from './posix-expression.ts';
import { type Statement, textsOf } from './statement.ts';

interface Expression {
  /** As Squid has it. */
  readonly source: string;
  /** In the syntax of RE2. */
  readonly text: string;
  readonly ignoresCase: boolean;
  readonly value: AclValue;
}

/** `dstdom_regex`: Weir compares names in any case, and names have only small letters. */
export const hostPatterns: Translate = (acl, tell) => {
  const read = expressionsOf(acl, tell);
  if (read === undefined) return UNREADABLE;
  for (const one of read) if (!mayMatchHost(one)) tellCapitals(one, tell);
  const texts = read.filter(mayMatchHost).map(({ text }) => text);
  for (const at of new Set(read.map(({ value }) => value.at))) tell(at, 'changed', BY_ADDRESS);
  if (texts.length === 0) return { constant: false };
  return areCheap(texts, LONGEST_HOST) ? { any: [{ dstDomainRegex: texts }] } : COSTLY;
};

const BY_ADDRESS =
  'For a target that is an IP address Squid looks at the address, and at its name by reverse DNS; Weir cannot judge it: allow fails and deny holds';

function mayMatchHost({ source, ignoresCase }: Expression): boolean {
  return ignoresCase || !/[A-Z]/.test(source.replaceAll(/\\.|\[:[a-z]+:\]/g, ''));
}

function tellCapitals({ source, value }: Expression, tell: Tell): void {
  const message = `"${source}" is left out: without -i Squid never finds capital letters in a host name`;
  tell(value.at, 'changed', message);
}

/** `url_regex`: to Squid the URL of a CONNECT is its host and port. */
export const urlPatterns: Translate = (acl, tell) => {
  const read = expressionsOf(acl, tell);
  if (read === undefined) return UNREADABLE;
  return urlOutcome(read.map(written), ofTunnels(read, tell));
};

function ofTunnels(read: readonly Expression[], tell: Tell): ForTunnels {
  const inNames = read.filter(({ source }) => !needsSlash(source));
  const doubtful = inNames.find(({ source }) => !isOfNames(source));
  if (doubtful !== undefined) {
    const message = `Squid also holds "${doubtful.source}" against the host and port of a CONNECT; Weir has no URL there. Write dstDomains`;
    tell(doubtful.value.at, 'changed', message);
    return 'unknown';
  }
  const texts = inNames.filter(mayMatchHost).map(({ text }) => text);
  for (const { value } of inNames) tell(value.at, 'changed', BY_ADDRESS);
  return texts.length === 0 ? 'never' : { dstDomainRegex: texts };
}

type ForTunnels = NonNullable<Extract<Outcome, { any: unknown }>['ofTunnels']>;

/** `urlpath_regex`: a CONNECT has no path. */
export const pathPatterns: Translate = (acl, tell) => {
  const read = expressionsOf(acl, tell);
  if (read === undefined) return UNREADABLE;
  const texts: string[] = [];
  for (const { text, source, ignoresCase, value } of read) {
    const wide = ofPath(text);
    if (wide === undefined) {
      tell(value.at, 'changed', `"${source}" might be found in the host as well; write urlRegex by hand`);
      return { unknown: 'it has an expression that cannot be tied to the path' };
    }
    texts.push(ignoresCase ? `(?i)${wide}` : wide);
  }
  return urlOutcome(texts, 'never');
};

/** Squid undoes %-escapes before it looks, and Weir does not: what has any cannot be judged. */
function urlOutcome(texts: readonly string[], forTunnels: ForTunnels): Outcome {
  if (texts.length === 0) return { constant: false };
  if (!areCheap(texts, LONGEST_URL)) return COSTLY;
  return { any: [{ urlRegex: texts }], ofTunnels: forTunnels, unlessFound: ESCAPED };
}

const ESCAPED = {
  acl: { urlRegex: ['%[0-9A-Fa-f][0-9A-Fa-f]'] },
  name: 'escaped-url',
  why: 'Squid undoes %-escapes in URLs before it looks, and Weir takes them as they are. Where that does not matter, remove the rule with "escaped-url", or that ACL from the rule',
};

/** `browser`, `referer_regex`. */
export function fieldPatterns(field: string): Translate {
  return (acl, tell) => fieldOutcome({ name: field, acl }, tell);
}

/** `req_header`, whose first value on each line is the name of the field. */
export const headerPatterns: Translate = (acl, tell) => {
  const isName = (_: AclValue, index: number): boolean => acl.values[index - 1]?.at !== acl.values[index]?.at;
  const names = new Set(acl.values.filter(isName).map(({ text }) => text.toLowerCase()));
  const [name = '', ...others] = names;
  if (others.length > 0 || !/^[a-z0-9-]{1,128}$/.test(name))
    return { unknown: 'it is not about one field with a plain name' };
  const values = acl.values.filter((value, index) => !isName(value, index));
  return fieldOutcome({ name, acl: { ...acl, values }, shown: HIDDEN }, tell);
};

/** What is asked of such a field may be a secret. */
const HIDDEN = 'An expression';
const SECRET = /^(?:authorization|proxy-authorization|cookie)$/;

interface OneField {
  /** In lower case. */
  readonly name: string;
  /** Of expressions alone. */
  readonly acl: SquidAcl;
  /** What is told in place of an expression. */
  readonly shown?: string;
}

function fieldOutcome({ name, acl, shown }: OneField, tell: Tell): Outcome {
  const areAny = acl.values.every(({ text }) => /^\^?\.\*\$?$/.test(text));
  if (faultOfField(name) !== undefined || (SECRET.test(name) && !areAny))
    return { unknown: `Weir does not judge the field "${name}"` };
  const read = expressionsOf(acl, tell, shown);
  if (read === undefined) return UNREADABLE;
  if (read.length === 0) return { constant: false };
  for (const { at } of acl.values) tell(at, 'changed', SEVERAL_LINES);
  if (areAny) return { any: [{ headers: { [name]: { present: true } } }] };
  const texts = read.map(written);
  return areCheap(texts, LONGEST_VALUE) ? { any: [{ headers: { [name]: texts } }] } : COSTLY;
}

const SEVERAL_LINES =
  'Of a field that a request has several times Squid looks at one line, or at all as one text; to Weir all lines must match';

const UNREADABLE: Outcome = { unknown: 'it has an expression that cannot be said in RE2' };
const COSTLY: Outcome = { unknown: 'its expressions cost more than Weir spends on one request' };

/** Undefined where any cannot be carried over. */
function expressionsOf(acl: SquidAcl, tell: Tell, shown?: string): Expression[] | undefined {
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

function areCheap(texts: readonly string[], longest: number): boolean {
  try {
    return boundPatterns(texts.map(parsePattern), longest).length > 0;
  } catch {
    return false;
  }
}

function written({ text, ignoresCase }: Expression): string {
  return ignoresCase ? `(?i)${text}` : text;
}
