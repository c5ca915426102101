/** What is asked of limits, as calls of the script (script.ts). */
import { createHash } from 'node:crypto';
import type { Ask } from '#limit/lending.ts';
import { idOf } from '#limit/limit.ts';
import { bandwidthSize } from '#limit/memory-store.ts';
import type { LimitOptions, Resource } from '#limit/options.ts';
import type { Holding } from './holdings.ts';
import type { Call } from './script.ts';

/** Tunnels of a process that is not heard for so long count no more. */
export const LEASE_MS = 15_000;
const DAY_MS = 86_400_000;
/** Kept until the day is over wherever it began. */
const DAY_KEPT_MS = 2 * DAY_MS;
/** So much of what is left is lent at once beyond what is asked for: of fewer than sixteen nothing is. */
const PART = 1 / 16;
const TAKE: Call = { take: 0, part: 0, spend: 0 };

export interface Counted {
  readonly key: string;
  readonly words: readonly string[];
}

/** `holder` is this process; `wallMs` tells the day. */
export function callOf(
  { kind, limit, key, resource, amount }: Ask,
  { holder, wallMs }: { readonly holder: string; readonly wallMs: number },
): Counted {
  const call =
    kind === 'take'
      ? { take: amount, part: PART, spend: 0 }
      : { ...TAKE, spend: kind === 'charge' ? amount : -amount };
  return {
    key: keyOf(limit, resource, { key, wallMs }),
    words: wordsOf(limit, resource, { call, holder, absolute: -1 }),
  };
}

/** Says that this process is there, and how many tunnels it has; `isExact`: whatever Redis has counted. */
export function holdCall({ limit, key, shared }: Holding, holder: string, isExact: boolean): Counted {
  const words = wordsOf(limit, 'tunnels', { call: TAKE, holder, absolute: isExact ? shared : -1 });
  return { key: keyOf(limit, 'tunnels', { key, wallMs: 0 }), words };
}

/** Milliseconds until the day of UTC is over. */
export function restOfDay(wallMs: number): number {
  return DAY_MS - (wallMs % DAY_MS);
}

function keyOf(
  limit: LimitOptions,
  resource: Resource,
  { key, wallMs }: { readonly key: string; readonly wallMs: number },
): string {
  const id = createHash('sha256').update(idOf(limit)).digest('base64url').slice(0, 16);
  const day = resource === 'bytesPerDay' ? `:${Math.floor(wallMs / DAY_MS)}` : '';
  return `weir:${limit.name}:${id}:${resource}${day}:${key}`;
}

function wordsOf(
  limit: LimitOptions,
  resource: Resource,
  { call, holder, absolute }: { readonly call: Call; readonly holder: string; readonly absolute: number },
): string[] {
  const { take, part, spend } = call;
  const numbers = [take, part, spend];
  const { requests, bandwidth = 0, tunnels = 0, bytesPerDay = 0 } = limit;
  switch (resource) {
    case 'requests':
      return words('rate', ...numbers, Number(requests?.perSecond) / 1000, Number(requests?.burst));
    case 'bandwidth': {
      const { perMs, capacity } = bandwidthSize(bandwidth / 1000);
      return words('rate', ...numbers, perMs, capacity);
    }
    case 'bytesPerDay':
      return words('day', ...numbers, bytesPerDay, DAY_KEPT_MS);
    case 'tunnels':
      return words('held', ...numbers, tunnels, holder, LEASE_MS, absolute);
  }
}

function words(...values: readonly (string | number)[]): string[] {
  return values.map(String);
}
