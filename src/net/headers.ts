/**
 * Header fields as they came: flat arrays of names and values. Removal of what belongs to one hop only (RFC 9110
 * section 7.6.1), Via (section 7.6.3), and look-up. Never joins, sorts or re-cases what it passes on.
 */
import { ProxyError } from '#errors.ts';

/** name, value, name, value, ... in the order and case received. */
export type RawHeaders = readonly string[];

/** What hops of ours tell each other, and nobody else. */
export const HOP_FIELDS = ['weir-identity', 'weir-transaction'] as const;

/**
 * Names of fields, and what names begin with, found whatever their case. Most fields are told from all of them by their length and
 * their first letter.
 */
export class FieldNames {
  readonly #names: ReadonlySet<string>;
  /** Undefined: nothing is looked for by its beginning. */
  readonly #beginning: RegExp | undefined;
  /** By the last five bits of a name's first letter, which are those of the capital too: a bit for each length, modulo 32. */
  readonly #lengths = new Int32Array(32);
  /** A bit for each first letter of what is looked for by its beginning, which any length may have. */
  readonly #prefixInitials: number;

  constructor(lowerCase: readonly string[], prefixes: readonly string[] = []) {
    this.#names = new Set(lowerCase);
    this.#beginning = prefixes.length === 0 ? undefined : beginningWith(prefixes);
    for (const name of lowerCase) {
      const initial = name.charCodeAt(0) & 31;
      this.#lengths[initial] = (this.#lengths[initial] as number) | (1 << name.length);
    }
    this.#prefixInitials = initialsOf(prefixes);
  }

  has(name: string): boolean {
    const initial = name.charCodeAt(0);
    const hasLength = ((this.#lengths[initial & 31] as number) & (1 << name.length)) !== 0;
    if (hasLength && this.#names.has(name.toLowerCase())) return true;
    return (this.#prefixInitials & (1 << initial)) !== 0 && this.#beginning?.test(name) === true;
  }
}

/** A whole head of a mesh costs 510 ns by it, and 860 where each is lowered and compared (bench/micro/net/request-target.ts). */
function beginningWith(prefixes: readonly string[]): RegExp {
  return new RegExp(`^(?:${prefixes.map((prefix) => RegExp.escape(prefix)).join('|')})`, 'i');
}

function initialsOf(lowerCase: readonly string[]): number {
  return lowerCase.reduce((initials, name) => initials | (1 << name.charCodeAt(0)), 0);
}

const NO_NAMES = new FieldNames([]);

/** Fields about one connection only; `proxy-connection` is a relic that old clients still send. */
export const HOP_BY_HOP = new FieldNames([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-authentication-info',
  // A client's or an origin's copy goes no further; a hop of ours gets one that we write.
  ...HOP_FIELDS,
]);

/** Fields that Connection cannot remove: without them the message would mean something else, or hide who sent it. */
export const PROTECTED = new FieldNames([
  'host',
  'content-length',
  'authorization',
  'cookie',
  'set-cookie',
  'via',
  'forwarded',
  'proxy-status',
  ...HOP_FIELDS,
]);

/** Every value of the field `name` (lower case), in order. */
export function valuesOf(headers: RawHeaders, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (isNamed(headers[i] as string, name)) values.push(headers[i + 1] as string);
  }
  return values;
}

/** Whether there is a field `name` (lower case). */
export function hasField(headers: RawHeaders, name: string): boolean {
  for (let i = 0; i < headers.length; i += 2) if (isNamed(headers[i] as string, name)) return true;
  return false;
}

/** All values of a list field as one, or undefined where there is none. */
export function listOf(headers: RawHeaders, name: string): string | undefined {
  let list: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    if (!isNamed(headers[i] as string, name)) continue;
    list = list === undefined ? headers[i + 1] : `${list}, ${headers[i + 1]}`;
  }
  return list;
}

/** The tokens of a list field, lower case. */
export function tokensOf(headers: RawHeaders, name: string): string[] {
  const list = listOf(headers, name);
  if (list === undefined) return [];
  if (!list.includes(',')) return list.trim() === '' ? [] : [list.trim().toLowerCase()];
  return list
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
}

/** The one protocol that a request asks to switch to (RFC 9110 section 7.8), lower case; undefined where it asks for none, or several. */
export function upgradeIn(headers: RawHeaders): string | undefined {
  const [protocol, ...more] = tokensOf(headers, 'upgrade');
  if (protocol === undefined || more.length > 0) return undefined;
  return tokensOf(headers, 'connection').includes('upgrade') ? protocol : undefined;
}

/** What says how a request goes on after its head; Node's is one. */
interface RequestHead {
  readonly method?: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: RawHeaders;
}

/** As {@link upgradeIn}; undefined as well where it is no GET, HTTP/1.0 (RFC 9110 section 7.8), or has a body to send first. */
export function upgradeWanted({ method, httpVersion, rawHeaders }: RequestHead): string | undefined {
  const protocol = upgradeIn(rawHeaders);
  if (protocol === undefined || method !== 'GET' || httpVersion === '1.0') return undefined;
  return hasContent(rawHeaders) || hasField(rawHeaders, 'expect') ? undefined : protocol;
}

/** Whether a request is framed to have content (RFC 9112 section 6.3). */
export function hasContent(headers: RawHeaders): boolean {
  if (tokensOf(headers, 'transfer-encoding').length > 0) return true;
  return valuesOf(headers, 'content-length').some((length) => Number(length) > 0);
}

/**
 * Nobody but an attacker asks a proxy to remove such a field; an answer that does is merely not obeyed ({@link endToEnd}).
 * @throws {ProxyError} `request_malformed` where Connection names a field that it may not
 */
export function refuseNominations(headers: RawHeaders): void {
  const forbidden = tokensOf(headers, 'connection').find((name) => PROTECTED.has(name));
  if (forbidden === undefined) return;
  const detail = `Connection names the protected field "${forbidden}"`;
  throw new ProxyError('request_malformed', { detail });
}

/** The fields that go on to the next hop: without those of this hop, those that Connection names, and those in `without`. */
export function endToEnd(headers: RawHeaders, without: FieldNames): string[] {
  const nominated = nominatedIn(headers);
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (HOP_BY_HOP.has(name) || without.has(name) || nominated.has(name)) continue;
    kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

/** What Connection names. A set, since one head can hold thousands of names and of fields, and must not cost their product. */
export function nominatedIn(headers: RawHeaders): FieldNames {
  const names = tokensOf(headers, 'connection').filter(
    (name) => !PROTECTED.has(name) && !HOP_BY_HOP.has(name),
  );
  return names.length === 0 ? NO_NAMES : new FieldNames(names);
}

/** The lines of a head, each with its end (RFC 9112 section 5). Nothing is looked at. */
export function linesOf(headers: RawHeaders): string {
  let lines = '';
  for (let i = 0; i < headers.length; i += 2) lines += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return lines;
}

/** Name and value of each field. */
export function pairsOf(headers: RawHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] as string, headers[i + 1] as string]);
  return pairs;
}

/** `existing` with our own entry appended: protocol version and pseudonym. */
export function appendVia(
  existing: string | undefined,
  entry: { version: string; pseudonym: string },
): string {
  const own = `${entry.version} ${entry.pseudonym}`;
  return existing === undefined ? own : `${existing}, ${own}`;
}

/** Whether a Via field shows that the message passed `pseudonym` before. */
export function passedBefore(via: string | undefined, pseudonym: string): boolean {
  if (via === undefined) return false;
  return via.split(',').some((entry) => entry.trim().split(/\s+/)[1] === pseudonym);
}

/** Whether a field's name is `lowerCase`, in whatever case it came. */
export function isNamed(name: string, lowerCase: string): boolean {
  return name.length === lowerCase.length && name.toLowerCase() === lowerCase;
}
