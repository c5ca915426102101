/** `limits` as they are counted, and where. */
import type { LimitOptions, RedisOptions } from '#limit/options.ts';
import type { ParsedConfig } from './schema.ts';

type Limits = ParsedConfig['limits'];
type Limit = Omit<Limits, 'store'>[string];

/** After a pause so many seconds' worth of requests may come at once, where the file does not say. */
const BURST_S = 2;

export function limitOptions({ store: _, ...limits }: Limits): Record<string, LimitOptions> {
  const options = Object.entries(limits).map(([name, limit]) => [name, optionsOf(name, limit)] as const);
  return Object.fromEntries(options);
}

function optionsOf(
  name: string,
  { per, requests, burst, tunnels, bandwidth, bytesPerDay }: Limit,
): LimitOptions {
  return {
    name,
    per,
    requests: requests === undefined ? undefined : rateOf(requests, burst),
    tunnels,
    bandwidth,
    bytesPerDay,
  };
}

function rateOf(perSecond: number, burst = Math.max(1, Math.ceil(perSecond * BURST_S))) {
  return { perSecond, burst };
}

/** Undefined: each host counts for itself. */
export function storeOptions(
  { store }: Limits,
  texts: ReadonlyMap<string, string>,
): RedisOptions | undefined {
  if (store === undefined) return undefined;
  const { url, username, passwordFile, caFile, timeout } = store.redis;
  return {
    host: url.host.text,
    port: url.port,
    tls: url.isTls ? { ca: caFile === undefined ? undefined : texts.get(caFile) } : undefined,
    username,
    passwordFile,
    timeoutMs: timeout,
  };
}

/** With the file as the process sees it. */
export function withPassword(
  options: RedisOptions | undefined,
  absolute: (name: string) => string,
): RedisOptions | undefined {
  return options && { ...options, passwordFile: options.passwordFile && absolute(options.passwordFile) };
}
