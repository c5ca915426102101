/** Which way out: the first route whose conditions hold. There is no other way, and direct only where a route says so. */
import type { Acl } from '#match/acl.ts';
import { type Condition, compileCondition, evaluateForAllow } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { IpAddress } from '#net/ip.ts';
import type { RouteOptions } from './options.ts';
import type { Peer } from './peer.ts';
import { Selector } from './select.ts';

export interface Route {
  readonly name: string;
  readonly direct: boolean;
  /** Direct: the address of this host that connections begin at; undefined: the system chooses. */
  readonly source: IpAddress | undefined;
  readonly condition: Condition;
  /** Undefined where `direct`. */
  readonly selector: Selector | undefined;
}

/** What routes are made of. */
export interface RouteParts {
  readonly acls: ReadonlyMap<string, Acl>;
  readonly peers: ReadonlyMap<string, Peer>;
  /** How many serve them on this host. @default 1 */
  readonly processes?: number;
  /** Told of each second peer of a route that is not tried since too many were. */
  readonly onRetryRefused?: ((route: string) => void) | undefined;
}

/** @throws {Error} where an ACL or a peer is not known; the configuration's cross-check says so first */
export function compileRoutes(
  options: readonly RouteOptions[],
  { acls, peers, processes, onRetryRefused }: RouteParts,
): readonly Route[] {
  // Not frozen, as no list on the way of a decision is (match/acl.ts).
  return options.map((route) => {
    const members = route.peers.map((name) => {
      const peer = peers.get(name);
      if (peer === undefined) throw new Error(`Route "${route.name}" names the unknown peer "${name}"`);
      return peer;
    });
    return Object.freeze({
      name: route.name,
      direct: route.direct,
      source: route.source,
      condition: compileCondition(route.when, acls),
      selector: route.direct
        ? undefined
        : new Selector(members, route.balance, {
            processes,
            onRetryRefused: () => onRetryRefused?.(route.name),
          }),
    });
  });
}

/** The first route that takes the request; undefined: there is no way out. */
export function chooseRoute(routes: readonly Route[], subject: Subject): Route | undefined {
  for (const route of routes) if (evaluateForAllow(route.condition, subject) === Tri.True) return route;
  return undefined;
}
