/** The effective value as a whole: its identity, whatever the spelling it came from, and its immutability. */
import { digestOf } from './files.ts';

/**
 * SHA-256 in hexadecimal over canonical JSON: sorted keys, typed values by their canonical text, absent keys left out. Two
 * files that mean the same have the same hash.
 */
export function hashOf(value: unknown): string {
  return digestOf(JSON.stringify(value, (_, part) => canonical(part)));
}

function canonical(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
  if ('text' in part && typeof part.text === 'string') return part.text;
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Freezes a tree of plain objects and lists, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
