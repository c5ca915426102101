/** What is kept by this process: in memory, and on disk where the configuration says so. What fails there is told of, now and then. */
import { CacheDesk } from '#cache/desk.ts';
import type { CacheOptions } from '#cache/options.ts';
import { Seldom } from '#record/seldom.ts';
import type { ProxyParts } from './parts.ts';

const EVERY_MS = 60_000;

export function openCache(
  { disk, ...memory }: CacheOptions,
  { seat: place = { index: 0, count: 1 }, log, diskTools }: Pick<ProxyParts, 'seat' | 'log' | 'diskTools'>,
): CacheDesk {
  if (disk === undefined) return new CacheDesk(memory, place.count);
  const seldom = new Seldom(EVERY_MS);
  return new CacheDesk(memory, place.count, {
    ...disk,
    ...diskTools,
    place,
    onFault: (fault, error) =>
      seldom.run((suppressed) =>
        log.error(
          { fault, path: disk.path, error: (error as Error).message, suppressed },
          'Cannot use the cache on disk as it should be',
        ),
      ),
  });
}
