/** Where `weir cache` finds a service that keeps answers: what `cache.socket` names, or a place in the unit's directory under systemd. */
import { join } from 'node:path';
import type { Config } from './config.ts';
import { runtimeDirectory } from './runtime-directory.ts';

const NAME = 'cache.sock';
/** What systemd makes for a unit called weir, for who asks from outside of it. */
const UNIT_DIRECTORY = '/run/weir';

/** Whether some rule has a cache. */
export function keepsAnswers({ policy }: Pick<Config, 'policy'>): boolean {
  return policy.access.some((rule) => rule.cache);
}

/** Undefined: nothing is kept, or there is no place for it. */
export function cacheSocket(
  config: Pick<Config, 'cache' | 'policy'>,
  directory = runtimeDirectory(),
): string | undefined {
  if (!keepsAnswers(config)) return undefined;
  return config.cache.socket ?? (directory && join(directory, NAME));
}

/** Where to look for it, by the configuration of the service where that is known. */
export function likelyCacheSocket(
  config: Pick<Config, 'cache'> | undefined,
  directory = runtimeDirectory(),
): string {
  return config?.cache.socket ?? join(directory ?? UNIT_DIRECTORY, NAME);
}
