/** What policies ask of clients that nobody can answer: users that there are not, and identities that nobody tells. */
import type { Config } from '#config/config.ts';
import type { Remark } from './finding.ts';
import { lintIdentities } from './identities.ts';
import { lintUsers } from './users.ts';

export function lintClients(config: Config): Remark[] {
  return [...lintUsers(config), ...lintIdentities(config)];
}
