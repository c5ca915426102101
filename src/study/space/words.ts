/** Methods and listeners: few words, asked one by one. */
import { METHODS } from '#net/methods.ts';
import { bitOf, Classes, type Partition } from './partition.ts';

/** The first make the best samples. */
const EVERY_METHOD = [...new Set(['CONNECT', 'GET', ...METHODS])];

/** Methods whose target is a URL. */
export const NOT_CONNECT: readonly string[] = EVERY_METHOD.filter((method) => method !== 'CONNECT');

/** Classes of methods. TRACE and CONNECT are alone in theirs: rules and other matchers treat them in their own way. */
export function partitionMethods(lists: readonly (readonly string[])[]): Partition<string> {
  return partitionWords(EVERY_METHOD, [...lists, ['TRACE'], ['CONNECT']]);
}

/** Classes of the words in `all`, whose first are preferred as samples; `lists` are the matchers. */
export function partitionWords(
  all: readonly string[],
  lists: readonly (readonly string[])[],
): Partition<string> {
  const signatures = new Map(all.map((word) => [word, 0n]));
  for (const [matcher, list] of lists.entries()) {
    for (const word of list) {
      const signature = signatures.get(word);
      if (signature !== undefined) signatures.set(word, signature | bitOf(matcher));
    }
  }
  const classes = new Classes<string>();
  for (const [word, signature] of signatures) classes.add(signature, word);
  return classes.partition(lists.length);
}
