/** What Squid tells the outside of the inside: `via`, `forwarded_for`, `request_header_access`, as keys of `forward`. */
import { FieldNames } from '#net/headers.ts';
import { parseKeptBack, TELLING_OF_INSIDE } from '#net/outward-fields.ts';
import { actionOf } from './access.ts';
import type { Setting } from './settings.ts';
import { type Statement, textsOf, wordAt } from './statement.ts';

const REMOVED = new FieldNames(TELLING_OF_INSIDE.names, TELLING_OF_INSIDE.prefixes);

/** `via`. */
export const via: Setting = (line, draft, tell) => {
  if (wordAt(line, 0) !== 'off') {
    tell(line, 'same', 'Weir adds Via');
    return;
  }
  draft.forward.via = 'off';
  tell(
    line,
    'changed',
    'forward.via: off. Origins get none; peers and clients do, since loops are found by it',
  );
};

const FORWARDED_FOR: Readonly<Record<string, readonly [verdict: 'same' | 'changed', message: string]>> = {
  delete: ['same', 'Weir removes X-Forwarded-For and its like, unless forward.forwarded is on'],
  off: ['changed', 'Weir removes X-Forwarded-For, where Squid writes "unknown" into it'],
  truncate: ['changed', 'Weir removes X-Forwarded-For, and tells nobody the address of the client'],
  transparent: [
    'changed',
    'Weir removes X-Forwarded-For of its clients. With forward.forwarded on it would stay, and Forwarded come to it',
  ],
};

/** `forwarded_for`. */
export const forwardedFor: Setting = (line, draft, tell) => {
  const told = FORWARDED_FOR[wordAt(line, 0)];
  if (told !== undefined) {
    tell(line, ...told);
    return;
  }
  draft.forward.forwarded = 'on';
  const message =
    'forward.forwarded: on. Next hops learn the address of the client from Forwarded (RFC 7239), not from X-Forwarded-For';
  tell(line, 'changed', message);
};

/** `request_header_access`: only what is refused to everybody, and by the first line about it. */
export const requestHeaderAccess: Setting = (line, draft, tell) => {
  const [field = '', ...rest] = textsOf(line);
  const name = field.toLowerCase();
  const isFirst = !draft.judgedFields.has(name);
  draft.judgedFields.add(name);
  const action = actionOf({ ...line, words: line.words.slice(1) });
  const isForAll = rest.length === 2 && rest[1] === 'all';
  if (action === 'allow' && isForAll && isFirst) passed(line, field, tell);
  else if (action === 'deny' && isForAll && isFirst) stripped(line, field, { draft, tell });
  else
    tell(
      line,
      'changed',
      `Not carried over: Weir removes ${field} from all requests, by forward.strip, or from none`,
    );
};

function passed(line: Statement, field: string, tell: Parts['tell']): void {
  if (!REMOVED.has(field)) tell(line, 'same', `Weir passes ${field} on`);
  else tell(line, 'changed', `Not carried over: Weir removes ${field}, unless forward.forwarded is on`);
}

type Parts = { readonly draft: Parameters<Setting>[1]; readonly tell: Parameters<Setting>[2] };

function stripped(line: Statement, field: string, { draft, tell }: Parts): void {
  const name = field.toLowerCase();
  if (name === 'via') draft.forward.via = 'off';
  if (name === 'via') tell(line, 'changed', 'forward.via: off. Origins get none; peers and clients do');
  else if (REMOVED.has(name))
    tell(line, 'same', `Weir removes ${field} by itself, unless forward.forwarded is on`);
  else keepBack(line, field, { draft, tell });
}

function keepBack(line: Statement, field: string, { draft, tell }: Parts): void {
  try {
    if (/^(?:all|other)$/i.test(field))
      throw new Error(`"${field}" is no field: Weir removes those that are named`);
    const name = parseKeptBack(field);
    const before = (draft.forward.strip ?? []) as readonly string[];
    if (!before.some((one) => one.toLowerCase() === name)) draft.forward.strip = [...before, field];
    tell(line, 'same', `forward.strip: ${field}`);
  } catch (error) {
    tell(line, 'changed', `Not carried over, the field stays: ${(error as Error).message}`);
  }
}
