/** The last step of loading: the effective configuration, unless it would make an open proxy that is not meant. */
import { assemble, type Origin } from './assemble.ts';
import type { Companions } from './companions.ts';
import type { Config } from './config.ts';
import { openProxyFlaws } from './open-proxy.ts';
import { ConfigError, type Flaw, type Problem } from './problems.ts';
import type { ParsedConfig } from './schema.ts';

export interface Loading extends Origin {
  /** Whether it is to be served. */
  readonly isServed: boolean;
  readonly place: (flaw: Flaw) => Problem;
}

/** @throws {ConfigError} where it would make an open proxy */
export function finish(parsed: ParsedConfig, companions: Companions, loading: Loading): Config {
  const config = assemble(parsed, companions, loading);
  const open = loading.isServed ? openProxyFlaws(config, Date.now()) : [];
  if (open.length > 0) throw new ConfigError(open.map(loading.place));
  return config;
}
