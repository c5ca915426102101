/** What is kept by this process: in memory, and on disk where the configuration says so. What fails there is told of, now and then. */
import { CacheDesk } from '#cache/desk.ts';
import type { CacheOptions } from '#cache/options.ts';
import type { Seat } from '#peer/standbys.ts';
import type { Log } from '#record/operational-log.ts';
import { Seldom } from '#record/seldom.ts';

const EVERY_MS = 60_000;

export function openCache({ disk, ...memory }: CacheOptions, place: Seat, log: Log): CacheDesk {
  if (disk === undefined) return new CacheDesk(memory, place.count);
  const seldom = new Seldom(EVERY_MS);
  return new CacheDesk(memory, place.count, {
    ...disk,
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
