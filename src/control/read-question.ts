/** Reads a line that somebody has sent to the control socket: what is no question is said to be none, and nothing of it is believed. */
import { parseKeptUrl, parsePurgeTarget } from '#cache/purge-target.ts';
import type { CacheQuestion } from '#cache/question.ts';

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
/** As in a request. */
const MAX_FIELDS = 200;

/** @throws {Error} saying what is wrong with it */
export function readQuestion(line: string): CacheQuestion {
  const asked = objectIn(line);
  if (asked.act === 'why') return { act: 'why', request: requestIn(asked) };
  if (asked.act === 'purge')
    return { act: 'purge', target: parsePurgeTarget(textIn(asked.target, 'target')) };
  throw new Error('Nothing can be done but "why" and "purge"');
}

function objectIn(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error('A question is a line of JSON');
  }
  if (typeof value !== 'object' || value === null) throw new Error('A question is an object of JSON');
  return value as Record<string, unknown>;
}

function requestIn({
  url,
  method,
  headers,
}: Readonly<Record<string, unknown>>): Extract<CacheQuestion, { act: 'why' }>['request'] {
  const word = textIn(method, 'method');
  if (!TOKEN.test(word) || word === 'CONNECT')
    throw new Error('A method is a word such as GET; nothing of a CONNECT is ever kept');
  return { url: parseKeptUrl(textIn(url, 'url')), method: word, headers: fieldsIn(headers) };
}

function fieldsIn(headers: unknown): string[] {
  if (!Array.isArray(headers) || headers.length % 2 !== 0 || headers.length > 2 * MAX_FIELDS)
    throw new Error(`"headers" are names and values, at most ${MAX_FIELDS} of each`);
  return headers.map((text, index) => {
    const isGood =
      typeof text === 'string' && (index % 2 === 1 || TOKEN.test(text)) && !/[\r\n\0]/.test(text);
    if (!isGood) throw new Error('A header field has a name that is none, or a value with a line feed');
    return text;
  });
}

function textIn(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`"${name}" is a text`);
  return value;
}
