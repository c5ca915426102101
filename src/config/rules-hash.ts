/**
 * The identity of what decides: whether a transaction passes, for whom, and which way it goes. Replicas of a tier have it in common,
 * also where each has certificates, addresses, keys, name servers and logs of its own, which `Config.hash` covers as well.
 */
import type { Config } from './config.ts';
import { hashOf } from './effective.ts';

type Deciding = Pick<
  Config,
  'policy' | 'auth' | 'limits' | 'routes' | 'guard' | 'clients' | 'hop' | 'kubernetes'
>;

/** SHA-256 in hexadecimal. */
export function rulesHashOf({
  policy,
  auth,
  limits,
  routes,
  guard,
  clients,
  hop,
  kubernetes,
}: Deciding): string {
  // An address to connect from is the host's.
  const ways = routes.map(({ source: _, ...route }) => route);
  const { trustFrom } = hop;
  return hashOf({ policy, auth, limits, ways, guard, clients, trustFrom, whenStale: kubernetes?.whenStale });
}
