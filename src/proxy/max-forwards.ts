/** Max-Forwards: how many hops a TRACE or an OPTIONS may still pass (RFC 9110 section 7.6.2). Other methods ignore it. */
import { type RawHeaders, valuesOf } from '#net/headers.ts';

const NAME = 'max-forwards';
const BOUNDED: ReadonlySet<string> = new Set(['TRACE', 'OPTIONS']);

/** Whether this hop is the last that the request may reach, and answers it. */
export function isLastHop(method: string, headers: RawHeaders): boolean {
  return BOUNDED.has(method) && valuesOf(headers, NAME).some((value) => /^0+$/.test(value));
}

/** Counts this hop in fields that are about to be sent on. What is no number stays as it came. */
export function countHop(method: string, headers: string[]): void {
  if (!BOUNDED.has(method)) return;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== NAME) continue;
    const value = headers[i + 1] as string;
    // A sender of more than we can count meant no limit.
    if (/^\d+$/.test(value)) headers[i + 1] = String(Math.min(Number(value), Number.MAX_SAFE_INTEGER) - 1);
  }
}
