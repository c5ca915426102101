/** What is kept by this process: in memory, and on disk where the configuration says so. What fails there is told of, now and then. */
import { CacheDesk } from '#cache/desk.ts';
import type { CacheOptions } from '#cache/options.ts';
import { Seldom } from '#record/seldom.ts';
import type { ProxyParts } from './parts.ts';

/** Each kind of fault by itself, so that none hides another. */
const EVERY_MS = 60_000;
const MESSAGE = 'Cannot use the cache on disk as it should be';
const LEFT_BEHIND =
  'Cannot remove from disk what is not to be used any more, and uses the cache there no more: mend the disk and empty its folder before ' +
  'the next start, else what is left there is used again';

export function openCache(
  { disk, ...memory }: CacheOptions,
  { seat: place = { index: 0, count: 1 }, log, diskTools }: Pick<ProxyParts, 'seat' | 'log' | 'diskTools'>,
): CacheDesk {
  if (disk === undefined) return new CacheDesk(memory, place.count);
  const seldom = new Map<string, Seldom>();
  return new CacheDesk(memory, place.count, {
    ...disk,
    ...diskTools,
    place,
    onFault(fault, error) {
      const ofItsKind = seldom.get(fault) ?? new Seldom(EVERY_MS);
      seldom.set(fault, ofItsKind);
      ofItsKind.run((suppressed) =>
        log.error(
          { fault, path: disk.path, error: (error as Error).message, suppressed },
          fault === 'remove' ? LEFT_BEHIND : MESSAGE,
        ),
      );
    },
  });
}
