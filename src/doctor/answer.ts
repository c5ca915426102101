/** What a proxy answers, and who it is that does: of the head and the page only what tells of hops is looked at. */
import { listOf, type RawHeaders, valuesOf } from '#net/headers.ts';
import { type ProxyStatus, proxyStatusMembers } from '#net/proxy-status.ts';

export interface Answer {
  readonly status: number;
  readonly phrase: string;
  readonly headers: RawHeaders;
  /** Its beginning. */
  readonly body: string;
}

/** Who has the connection that we are on. */
export interface Speaker {
  readonly kind: 'weir' | 'squid' | 'unknown';
  readonly name: string | undefined;
}

export const NOBODY_KNOWN: Speaker = { kind: 'unknown', name: undefined };

/** What a Squid says of an error page. */
export interface SquidWord {
  /** Such as `ERR_ACCESS_DENIED`. */
  readonly code: string;
  /** `visible_hostname` of the Squid that made the page; undefined where it does not say. */
  readonly maker: string | undefined;
}

/** From the origin's side on, in text that a terminal takes. */
export function membersOf({ headers }: Answer): readonly ProxyStatus[] {
  return proxyStatusMembers(headers).map((member) => ({
    ...member,
    hop: printable(member.hop),
    error: member.error && printable(member.error),
    nextHop: member.nextHop && printable(member.nextHop),
    details: member.details && printable(member.details),
  }));
}

/** The id under which the transaction is in the logs. */
export function transactionOf({ headers }: Answer): string | undefined {
  const id = valuesOf(headers, 'weir-transaction').at(-1);
  return id === undefined || id === '' ? undefined : printable(id);
}

/** Who answers `OPTIONS *` with Max-Forwards 0, which no proxy hands on (RFC 9110 section 7.6.2). */
export function speakerOf(answer: Answer): Speaker {
  const member = membersOf(answer).at(-1);
  if (member !== undefined && transactionOf(answer) !== undefined) return { kind: 'weir', name: member.hop };
  const word = squidWordOf(answer);
  if (word !== undefined) return { kind: 'squid', name: word.maker };
  return { kind: 'unknown', name: pseudonymsOf(answer).at(-1) };
}

/** Undefined where it is no error page of a Squid. */
export function squidWordOf(answer: Answer): SquidWord | undefined {
  const { headers, body } = answer;
  const [code] = valuesOf(headers, 'x-squid-error').map((value) => /^ERR_[A-Z_]{1,60}/.exec(value)?.[0]);
  if (code === undefined) return undefined;
  // Pages for CONNECT have the name in their text alone, where Squid could not dial.
  const inPage = /Generated [^<]{1,80} by ([\w.-]{1,255}) \(squid/.exec(body)?.[1];
  const inCache = /^\w+ from ([\w.-]{1,255})/.exec(valuesOf(headers, 'x-cache')[0] ?? '')?.[1];
  return { code, maker: inPage ?? inCache ?? pseudonymsOf(answer)[0] };
}

/** Who has passed the answer on, by Via, from the origin's side on. */
export function pseudonymsOf({ headers }: Answer): string[] {
  const entries = (listOf(headers, 'via') ?? '').split(',');
  return entries.flatMap((entry) => printable(entry.trim().split(/\s+/)[1] ?? '') || []);
}

/** Status and phrase. */
export function lineOf({ status, phrase }: Answer): string {
  return printable(`${status} ${phrase}`.trim());
}

/** Others' text, on a terminal. */
export function printable(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}
