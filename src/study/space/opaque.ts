/**
 * Matchers that are not understood, only that the same one says the same: what is written alike at one hop, and what judges
 * the target alone at any.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Hop, Opaque, Place } from './axis.ts';

/** Keys whose lists dimensions are cut by. */
const UNDERSTOOD = new Set(['src', 'dst', 'dstDomains', 'ports', 'methods', 'schemes', 'listeners', 'time']);
/** Keys that judge what is the same at every hop. */
const OF_THE_TARGET = new Set(['dstDomainRegex', 'urlRegex']);

/** All of them, each with every ACL that has it. */
export function findOpaque(hops: readonly Hop[]): Omit<Opaque, 'dimension'>[] {
  const found = hops.flatMap(({ policy }, hop) =>
    Object.entries(policy.acls).flatMap(([acl, options]) =>
      Object.entries(options)
        .filter(([key, value]) => value !== undefined && !UNDERSTOOD.has(key))
        .map(([key, value]) => ({ hop, acl, key, text: textOf({ hop, acl }, key, value) })),
    ),
  );
  return [...Map.groupBy(found, ({ text }) => text).values()].map((places) => {
    return { key: String(places[0]?.key), places };
  });
}

/** Equal only where the matchers are. */
function textOf({ hop, acl }: Place, key: string, value: unknown): string {
  const text = JSON.stringify(value);
  // What JSON does not tell whole, such as a Set, is equal to nothing but itself.
  if (!isDeepStrictEqual(JSON.parse(text), value)) return JSON.stringify([hop, acl, key]);
  return JSON.stringify(OF_THE_TARGET.has(key) ? [key, text] : [hop, key, text]);
}
