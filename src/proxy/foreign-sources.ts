/** Routes whose `sourceAddress` is no address of this host, or not yet: their connects fail until it is. */
import type { Config } from '#config/config.ts';
import { HOST_ADDRESSES } from '#net/own-addresses.ts';
import type { Log } from '#record/operational-log.ts';

/** Warns of each, where the addresses of this host can be told. All of 127.0.0.0/8 is this host's, whatever its interfaces list. */
export function warnOfForeignSources(
  { routes }: Config,
  log: Pick<Log, 'warn'>,
  addresses = HOST_ADDRESSES,
): void {
  if (routes.every(({ source }) => source === undefined)) return;
  const own = addresses.all();
  if (own === undefined) return;
  for (const { name, source } of routes) {
    if (source === undefined || source.text.startsWith('127.')) continue;
    if (own.some(({ text }) => text === source.text)) continue;
    log.warn(
      { route: name, sourceAddress: source.text },
      'The sourceAddress of a route is no address of this host: it leads nowhere until it is',
    );
  }
}
