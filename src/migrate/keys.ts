/**
 * Keys of the configuration file that translations would write, and whether Weir knows them yet. Who adds one to the schema
 * turns its line over; test/unit/migrate/keys.ts holds the two together. What is not there yet becomes a comment beside its
 * place, and the directive is "not yet".
 */
const KEYS = {
  'acls.dstDomainRegex': true,
  'acls.urlRegex': true,
  'acls.headers': true,
  'access.message': true,
  limits: true,
  cache: true,
  auth: true,
  'listeners.tls': true,
  'listeners.proxyProtocol': true,
  'peers.tls': true,
  'peers.auth': true,
  'peers.standby': true,
  'peers.maxTunnels': true,
  'peers.weight': true,
  'routes.sourceAddress': true,
  'log.access.format': true,
} as const satisfies Readonly<Record<string, boolean>>;

export type Key = keyof typeof KEYS;

/** Every key of the table. */
export const ALL_KEYS = Object.keys(KEYS) as readonly Key[];

/** Whether Weir's configuration has the key. */
export function hasKey(key: Key): boolean {
  return KEYS[key];
}
