/** `methods` and `listeners`: exact words. Methods are case-sensitive (RFC 9110 section 9.1), and so are our names. */
import type { Matcher } from './matcher.ts';
import { triOf } from './tri.ts';

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
