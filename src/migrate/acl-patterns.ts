/**
 * ACLs of regular expressions. Squid has POSIX expressions, Weir those of RE2: what can be said in both is carried over, and of
 * the rest none is guessed at. Case counts in Squid unless `-i` stands before an expression.
 */
import { LONGEST_HOST, LONGEST_URL } from '#match/expressions.ts';
import { faultOfField, LONGEST_VALUE } from '#match/fields.ts';
import type { AclValue, Outcome, SquidAcl, Translate } from './acl-values.ts';
import { withoutCapitals } from './authority-expression.ts';
import { areCheap, type Expression, expressionsOf, written } from './expressions.ts';
import type { Tell } from './finding.ts';
import { ofPath } from './posix-expression.ts';
import { type OfTunnels, ofTunnels } from './tunnel-patterns.ts';

/** `dstdom_regex`: Weir compares names in any case, and names have only small letters. */
export const hostPatterns: Translate = (acl, tell) => {
  const read = expressionsOf(acl, tell);
  if (read === undefined) return UNREADABLE;
  for (const at of new Set(read.map(({ value }) => value.at))) tell(at, 'changed', BY_ADDRESS);
  const texts = read.flatMap((one) => inSmallLetters(one, tell) ?? []);
  if (texts.length === 0) return { constant: false };
  return areCheap(texts, LONGEST_HOST) ? { any: [{ dstDomainRegex: texts }] } : COSTLY;
};

const BY_ADDRESS =
  'For a target that is an IP address Squid looks at the address, and at its name by reverse DNS; Weir cannot judge it: allow fails and deny holds';

function inSmallLetters({ source, text, ignoresCase, value }: Expression, tell: Tell): string | undefined {
  const hasCapitals = /[A-Z]/.test(source.replaceAll(/\\.|\[:[a-z]+:\]/g, ''));
  if (ignoresCase || !(hasCapitals || text.includes('[:upper:]'))) return text;
  const small = withoutCapitals(text);
  if (small === undefined) {
    const message = `"${source}" is left out: without -i Squid never finds capital letters in a host name`;
    tell(value.at, 'changed', message);
  }
  return small;
}

/** `url_regex`: to Squid the URL of a CONNECT is its host and port. */
export const urlPatterns: Translate = (acl, tell) => {
  const read = expressionsOf(acl, tell);
  if (read === undefined) return UNREADABLE;
  return urlOutcome(read.map(written), ofTunnels(read, tell));
};

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
  return urlOutcome(texts, []);
};

/** Squid undoes %-escapes before it looks, and Weir does not: what has any cannot be judged. */
function urlOutcome(texts: readonly string[], forTunnels: OfTunnels): Outcome {
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
