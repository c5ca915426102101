/** `ports`: single ports and ranges, compiled to one bit per port. */
import type { Matcher } from './matcher.ts';
import { triOf } from './tri.ts';

/** All ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
  /** Canonical text. */
  readonly text: string;
}

const RANGE = /^(\d{1,5})(?:-(\d{1,5}))?$/;
const MAX_PORT = 65_535;

/**
 * Reads `443` or `"1025-65535"`.
 * @throws {Error} naming the value and the fix
 */
export function parsePortRange(value: number | string): PortRange {
  const match = RANGE.exec(String(value));
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!(first >= 1 && last <= MAX_PORT)) {
    throw new Error(
      `Port "${value}" cannot be read, write a port from 1 to ${MAX_PORT} or a range such as "1025-65535"`,
    );
  }
  if (first > last) throw new Error(`Port range "${value}" runs backwards, write "${last}-${first}"`);
  return Object.freeze({ first, last, text: first === last ? `${first}` : `${first}-${last}` });
}

/** `ports`: judges the port that the client asked for. */
export function compilePorts(ranges: readonly PortRange[]): Matcher {
  const bits = new Uint8Array((MAX_PORT + 1) / 8);
  for (const { first, last } of ranges) {
    for (let port = first; port <= last; port += 1)
      bits[port >> 3] = Number(bits[port >> 3]) | (1 << (port & 7));
  }
  return Object.freeze<Matcher>({
    key: 'ports',
    test: ({ port }) => triOf((Number(bits[port >> 3]) & (1 << (port & 7))) !== 0),
  });
}
