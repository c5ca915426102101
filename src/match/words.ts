/**
 * `methods`, `listeners`, `schemes` and `users`: exact words. Methods are case-sensitive (RFC 9110 section 9.1), and so are
 * our names and those of users.
 */
import type { Matcher } from './matcher.ts';
import { Tri, triOf } from './tri.ts';

/** `methods`: judges the request method as received. */
export function compileMethods(methods: readonly string[]): Matcher {
  const words = new Set(methods);
  return Object.freeze<Matcher>({ key: 'methods', test: (subject) => triOf(words.has(subject.method)) });
}

/** `listeners`: judges which listener took the connection. */
export function compileListeners(listeners: readonly string[]): Matcher {
  const words = new Set(listeners);
  return Object.freeze<Matcher>({ key: 'listeners', test: (subject) => triOf(words.has(subject.listener)) });
}

/** The only scheme that reaches a policy (net/request-target.ts). */
const HTTP = 'http';

/**
 * Reads a scheme.
 * @throws {Error} naming the text and the fix
 */
export function parseScheme(text: string): string {
  const scheme = text.toLowerCase();
  if (scheme === HTTP) return scheme;
  const cure = scheme === 'https' ? 'methods: [CONNECT], through which https goes' : '"http"';
  throw new Error(`Scheme "${text}" never stands in a request to this proxy, write ${cure}`);
}

/** `schemes`: judges the scheme of the request target; a CONNECT has none, so that it never matches. */
export function compileSchemes(schemes: readonly string[]): Matcher {
  const isListed = schemes.includes(HTTP);
  return Object.freeze<Matcher>({
    key: 'schemes',
    test: ({ method }) => triOf(isListed && method !== 'CONNECT'),
  });
}

/** Stands for every user whose credentials are right. */
const ANYONE = '*';
const MAX_USER = 255;

/**
 * Reads the name of a user, or `*`.
 * @throws {Error} naming the text and the fix
 */
export function parseUser(text: string): string {
  if (text !== '' && text.length <= MAX_USER && !/[:\p{Cc}]/u.test(text)) return text;
  throw new Error(
    `User "${text}" cannot be a name, write up to ${MAX_USER} characters without colon, or "*" for every user`,
  );
}

/** `users`: judges who has authenticated; unknown where nobody has. */
export function compileUsers(users: readonly string[]): Matcher {
  const words = new Set(users);
  const isAnyone = words.has(ANYONE);
  return Object.freeze<Matcher>({
    key: 'users',
    test: ({ user }) => (user === undefined ? Tri.Unknown : triOf(isAnyone || words.has(user))),
  });
}
