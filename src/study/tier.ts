/** One configuration made ready for questions: compiled as the proxy compiles it, without a socket, and with its places. */
import { compileGuard, type Guard } from '#acl/guard.ts';
import { compilePolicy, type Policy } from '#acl/policy.ts';
import type { Rule } from '#acl/rule.ts';
import type { Config } from '#config/config.ts';
import { loadConfig } from '#config/load.ts';
import { type Place, type Places, readPlaces } from '#config/places.ts';
import { compileStaticClients, type StaticClients } from '#identity/static-clients.ts';
import { ownPort } from '#net/own-ports.ts';
import { buildPeers } from '#peer/peer.ts';
import { compileRoutes, type Route } from '#peer/route.ts';

export interface Tier {
  /** As it was named. */
  readonly file: string;
  readonly config: Config;
  readonly policy: Policy;
  readonly routes: readonly Route[];
  /** Without the addresses of the host that it is for: only that host knows them. */
  readonly guard: Guard;
  /** Undefined where no address tells who runs a client. */
  readonly clients: StaticClients | undefined;
  readonly placeOf: Places;
}

interface StudyOptions {
  /** Whether files of certificates, keys and passwords are read. @default true */
  readonly secrets?: boolean;
}

/**
 * Loads a configuration file.
 * @throws {ConfigError} with everything that is wrong with it
 */
export async function openTier(file: string, { secrets = true }: StudyOptions = {}): Promise<Tier> {
  return tierOf(file, await loadConfig(file, undefined, { secrets }));
}

/** Only the host that it is for knows its addresses. */
const NO_HOST: ReadonlySet<string> = new Set();

/** The tier of a configuration that is loaded; its file is read again, for places. */
export async function tierOf(file: string, config: Config): Promise<Tier> {
  return { ...compile(config), file, placeOf: await readPlaces(file) };
}

/** A configuration that serves, with what whoever serves has compiled of it. */
export type InForce = Pick<Tier, 'config'> & Partial<Pick<Tier, 'policy' | 'routes' | 'guard'>>;

/** The tier that serves. It has no places, as its file may have changed since. */
export function tierInForce({ config, policy, routes, guard }: InForce): Tier {
  const isWhole = policy !== undefined && routes !== undefined && guard !== undefined;
  const compiled = isWhole
    ? { config, policy, routes, guard, clients: compileStaticClients(config.clients) }
    : compile(config);
  return { ...compiled, file: 'in force', placeOf: () => ({ file: 'in force', line: 1, column: 1 }) };
}

function compile(config: Config): Omit<Tier, 'file' | 'placeOf'> {
  const policy = compilePolicy(config.policy, config.hash);
  const peers = buildPeers(Object.values(config.peers));
  const ownPorts = [...config.listeners, config.admin].map(({ host, port }) => ownPort(host, port));
  return {
    config,
    policy,
    routes: compileRoutes(config.routes, { acls: policy.acls, peers }),
    guard: compileGuard({ ...config.guard, ownHost: NO_HOST, ownPorts }),
    clients: compileStaticClients(config.clients),
  };
}

/** Where the rule stands. */
export function placeOfRule({ placeOf }: Tier, { index }: Pick<Rule, 'index'>): Place {
  return placeOf(['access', index]);
}
