/** What is doubtful of what a tier has, whatever its rules say: its certificates, and its cache. */
import type { Config } from '#config/config.ts';
import { lintCacheRoom } from './cache-room.ts';
import { lintCertificates } from './certificate-ends.ts';
import type { Remark } from './finding.ts';
import { lintUnusedCache } from './unused-cache.ts';

export function lintHost(config: Config, nowMs: number): Remark[] {
  return [...lintCertificates(config, nowMs), ...lintCacheRoom(config), ...lintUnusedCache(config)];
}
