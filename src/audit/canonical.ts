/**
 * Audit records as canonical JSON (RFC 8785): members sorted, no white space, one spelling for each value, so that the same record has
 * the same bytes, and the same hash, wherever it is rendered again. Values are texts, whole numbers and lists of texts.
 */

/** What a record says, but for its place in the chain. Members that are undefined are left out. */
export type Fields = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/**
 * A record without its place in the chain: its members in order, cut where `hash`, `prev` and `seq` belong, the four pieces with a line
 * feed between them. A line feed is in no rendered member. It is made where something happens, and gets its place where it is written.
 */
export type Body = string & { readonly brand: 'Body' };

const MAX_TEXT = 512;
/** Printable ASCII that JSON takes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** What could break a line, colour a terminal or turn its text around. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Cuts of a body: members before the first name stand in the first piece, and so on. */
const CUTS = ['hash', 'prev', 'seq'] as const;

/** Renders any record. What happens for each transaction has a rendering of its own (decision.ts), which makes the same of it. */
export function bodyOf(fields: Fields): Body {
  const pieces = ['', '', '', ''];
  for (const [name, value] of Object.entries(fields).sort(byName)) {
    if (value === undefined) continue;
    const index = CUTS.filter((cut) => cut < name).length;
    const member = `"${name}":${textOf(value)}`;
    pieces[index] += index === CUTS.length ? `,${member}` : `${member},`;
  }
  return pieces.join('\n') as Body;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function textOf(value: string | number | readonly string[]): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return String(value);
  return `[${value.map((text) => quote(text)).join(',')}]`;
}

/** A text that can be shown: what is unprintable in it becomes U+FFFD. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, '\ufffd');
}

/** A text in quotes. What is unprintable in it becomes U+FFFD, and what is longer than `max` ends in an ellipsis. */
export function quote(value: string, max = MAX_TEXT): string {
  const capped = value.length > max ? `${value.slice(0, max)}…` : value;
  return PLAIN.test(capped) ? `"${capped}"` : JSON.stringify(printable(capped));
}
