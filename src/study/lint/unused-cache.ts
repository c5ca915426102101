/** A `cache` that says something, and no rule that uses it. */
import { keepsAnswers } from '#config/cache-socket.ts';
import type { Config } from '#config/config.ts';
import { cache as schema } from '#config/schema-cache.ts';
import type { Remark } from './finding.ts';

/** What is there without a word. */
const UNSAID: Readonly<Record<string, unknown>> = schema.parse({});

export function lintUnusedCache({ cache, policy }: Pick<Config, 'cache' | 'policy'>): Remark[] {
  if (keepsAnswers({ policy })) return [];
  const isSaid = Object.entries(cache).some(([key, value]) => value !== undefined && value !== UNSAID[key]);
  if (!isSaid) return [];
  return [
    {
      code: 'unused-cache',
      path: ['cache'],
      message: 'No rule has "cache: true", so that nothing is ever kept, and "cache" is for nothing',
      fix: 'Write "cache: true" into a rule that allows GET over plain HTTP, or remove "cache"',
    },
  ];
}
