/**
 * One immutable value of everything that a configuration decides: policy, routes, guard, whom to trust.
 * A reload swaps it whole; a transaction keeps the one it began with. Peers, limits
 * and names resolved survive where unchanged.
 */
import { compileGuard, type Guard, type GuardOptions } from '#acl/guard.ts';
import { compilePolicy, type Policy } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import { type Authenticator, authenticatorOf } from '#identity/authenticator.ts';
import type { Limits } from '#limit/limit.ts';
import type { Resolver } from '#net/resolver.ts';
import { buildPeers, type Peer, type PeersParts } from '#peer/peer.ts';
import { compileRoutes, type Route, type RouteParts } from '#peer/route.ts';
import { compileOutward, type Outward } from './outward.ts';
import { type Around, compileWhoAsks, type WhoAsks } from './who-asks.ts';

export interface Generation extends WhoAsks {
  readonly config: Config;
  readonly policy: Policy;
  readonly limits: Limits;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly outward: Outward;
  readonly resolver: Resolver;
  /** Undefined where nobody can authenticate. */
  readonly authenticator: Authenticator | undefined;
}

/** What of the process goes into a generation, and what of the previous one it may keep. */
export interface GenerationParts extends Pick<Around, 'directory'> {
  readonly previous: Generation | undefined;
  readonly openResolver: (options: Config['dns']) => Resolver;
  readonly peerWatch: NonNullable<PeersParts['watch']>;
  readonly onRetryRefused?: RouteParts['onRetryRefused'];
  readonly slotsOf: NonNullable<PeersParts['slotsOf']>;
  readonly openLimits: (options: Config['limits'], previous: Limits | undefined) => Limits;
  /** How many serve on this host. */
  readonly processes: number;
  /** Addresses and ports that lead back to this process; `address` undefined: any of its own. */
  readonly ownPorts: GuardOptions['ownPorts'];
  readonly ownHost: GuardOptions['ownHost'];
}

export function buildGeneration(config: Config, parts: GenerationParts): Generation {
  const { previous } = parts;
  const policy = compilePolicy(config.policy, config.hash);
  const peers = buildPeers(Object.values(config.peers), {
    previous: previous?.peers,
    watch: parts.peerWatch,
    slotsOf: parts.slotsOf,
  });
  const sameDns =
    previous !== undefined && JSON.stringify(previous.config.dns) === JSON.stringify(config.dns);
  return Object.freeze({
    config,
    policy,
    limits: parts.openLimits(config.limits, previous?.limits),
    peers,
    routes: compileRoutes(config.routes, {
      acls: policy.acls,
      peers,
      processes: parts.processes,
      onRetryRefused: parts.onRetryRefused,
    }),
    guard: compileGuard({ ...config.guard, ownHost: parts.ownHost, ownPorts: parts.ownPorts }),
    outward: compileOutward(config.forward),
    resolver: sameDns ? previous.resolver : parts.openResolver(config.dns),
    authenticator: authenticatorOf(config.auth?.users, previous?.authenticator),
    ...compileWhoAsks(config, policy.acls, parts),
  });
}
