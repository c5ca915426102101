/** Addresses to bind: no two of listeners and admin may want the same one. */
import { isCollision } from './listen-address.ts';
import type { Outline } from './outline.ts';
import { type Flaw, formatPath } from './problems.ts';

/** One flaw per address that an earlier one has already taken; the admin address comes last. */
export function checkAddresses({ addresses }: Outline): Flaw[] {
  return addresses.flatMap(({ path, address }, index): Flaw[] => {
    const taken = addresses.slice(0, index).find((earlier) => isCollision(earlier.address, address));
    if (taken === undefined) return [];
    const message = `Address is already taken by ${formatPath(taken.path)}`;
    return [{ path, at: 'value', message, fix: 'Choose another port' }];
  });
}
