/**
 * ACLs of regular expressions. Squid has POSIX expressions, Weir those of RE2: what both read alike is carried
 * over, and of the rest none is guessed at. Case counts in Squid unless `-i` stands before an expression.
 */
import type { AclValue, Outcome, SquidAcl, Translate } from './acl-values.ts';
import type { Tell } from './finding.ts';

interface Expression {
  readonly text: string;
  readonly ignoresCase: boolean;
  readonly value: AclValue;
}

/** Letters behind a backslash that mean the same to both. Other letters and digits, `\<` and the like do not. */
const OTHER_ESCAPE = /\\(?![wWsSbB])[\w<>`']/;
const MAX_LENGTH = 1000;

/** `dstdom_regex`: Weir compares names in any case, and names have only small letters. */
export const hostPatterns: Translate = (acl, tell) => {
  const read = expressionsOf(acl, tell);
  if (read === undefined) return UNREADABLE;
  const texts = read.filter((one) => mayMatchHost(one, tell)).map(({ text }) => text);
  for (const at of new Set(read.map(({ value }) => value.at))) {
    const message =
      'For a target that is an IP address Squid looks at the address, and at its name by reverse DNS; Weir cannot judge it: allow fails and deny holds';
    tell(at, 'changed', message);
  }
  return texts.length === 0 ? { constant: false } : { any: [{ dstDomainRegex: texts }] };
};

function mayMatchHost({ text, ignoresCase, value }: Expression, tell: Tell): boolean {
  if (ignoresCase || !/[A-Z]/.test(text.replaceAll(/\\./g, ''))) return true;
  tell(
    value.at,
    'changed',
    `"${text}" is left out: without -i Squid never finds capital letters in a host name`,
  );
  return false;
}

/** `url_regex`: to Squid the URL of a CONNECT is its host and port. */
export const urlPatterns: Translate = (acl, tell) => {
  const read = expressionsOf(acl, tell);
  if (read === undefined) return UNREADABLE;
  if (read.length === 0) return { constant: false };
  const doubtful = read.find(({ text }) => !/\/|^\^(?:http|ftp):?/i.test(text));
  const any = [{ urlRegex: read.map(written) }];
  if (doubtful === undefined) return { any, ofTunnels: 'never' };
  const message = `Squid also holds "${doubtful.text}" against the host and port of a CONNECT; Weir has no URL there. Write dstDomains`;
  tell(doubtful.value.at, 'changed', message);
  return { any, ofTunnels: 'unknown' };
};

/** `browser`, `referer_regex`; `req_header`, whose first value is the name of the field. */
export function fieldPatterns(field: string | undefined): Translate {
  return (acl, tell) => {
    const name = (field ?? acl.values[0]?.text ?? '').toLowerCase();
    if (/^(?:authorization|proxy-authorization|cookie|weir-.*|)$/.test(name))
      return { unknown: `Weir does not judge the field "${name}"` };
    const values =
      field === undefined ? acl.values.filter(({ text }) => text.toLowerCase() !== name) : acl.values;
    const read = expressionsOf({ ...acl, values }, tell);
    if (read === undefined) return UNREADABLE;
    return read.length === 0 ? { constant: false } : { any: [{ headers: { [name]: read.map(written) } }] };
  };
}

const UNREADABLE: Outcome = { unknown: 'it has an expression that Weir might read otherwise' };

/** Undefined where any cannot be carried over. */
function expressionsOf(acl: SquidAcl, tell: Tell): Expression[] | undefined {
  const read: Expression[] = [];
  let [ignoresCase, isWhole] = [acl.flags.has('-i'), true];
  for (const value of acl.values) {
    const { text } = value;
    if (text === '-i' || text === '+i') {
      ignoresCase = text === '-i';
    } else if (isAlike(text)) {
      read.push({ text, ignoresCase, value });
    } else {
      tell(
        value.at,
        'changed',
        `"${text}" is no expression that Squid and Weir read alike; write it in the syntax of RE2`,
      );
      isWhole = false;
    }
  }
  return isWhole ? read : undefined;
}

/** Whether both read it alike. What JavaScript compiles of it has its parentheses and brackets in order. */
function isAlike(text: string): boolean {
  if (text === '' || text.length > MAX_LENGTH || text.includes('(?') || OTHER_ESCAPE.test(text)) return false;
  try {
    return new RegExp(text, 's').flags === 's';
  } catch {
    return false;
  }
}

function written({ text, ignoresCase }: Expression): string {
  return ignoresCase ? `(?i)${text}` : text;
}
