/**
 * Cache-Control (RFC 9111 section 5.2), of requests and of answers. What is written twice counts as it came first; what cannot be
 * read counts as what trusts the answer least: a time that is none is 0.
 */
import { hasField, listOf, type RawHeaders, tokensOf } from '#net/headers.ts';

/** A name, and after `=` a quoted string or a token. What else is in a member is nobody's. */
const MEMBER = /[\s,]*([^\s,="]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?[^,]*/g;
/** More than any time that matters (section 1.2.2). */
const MAX_SECONDS = 2 ** 31;

export class Directives {
  readonly #values: ReadonlyMap<string, string | undefined>;

  constructor(values: ReadonlyMap<string, string | undefined>) {
    this.#values = values;
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Whether it is there without a value. */
  isBare(name: string): boolean {
    return this.#values.has(name) && this.#values.get(name) === undefined;
  }

  /** Undefined where it is not there. */
  seconds(name: string): number | undefined {
    if (!this.#values.has(name)) return undefined;
    const text = this.#values.get(name) ?? '';
    return /^\d+$/.test(text) ? Math.min(Number(text), MAX_SECONDS) : 0;
  }
}

const NONE = new Directives(new Map());
const NO_CACHE = new Directives(new Map([['no-cache', undefined]]));

/** Of an answer. */
export function answerDirectives(headers: RawHeaders): Directives {
  const text = listOf(headers, 'cache-control');
  return text === undefined ? NONE : parse(text);
}

/** Of a request. `Pragma: no-cache` is heeded where nothing newer is said (section 5.4). */
export function requestDirectives(headers: RawHeaders): Directives {
  const text = listOf(headers, 'cache-control');
  if (text !== undefined) return parse(text);
  if (!hasField(headers, 'pragma')) return NONE;
  return tokensOf(headers, 'pragma').includes('no-cache') ? NO_CACHE : NONE;
}

function parse(text: string): Directives {
  const values = new Map<string, string | undefined>();
  for (const [, name = '', quoted, token] of text.matchAll(MEMBER)) {
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token);
  }
  return new Directives(values);
}
