/** What the configuration says about peers and routes, checked and typed. */
import type { Authority } from '#net/authority.ts';
import type { IpAddress } from '#net/ip.ts';
import type { TlsPeerOptions } from '#net/tls-context.ts';

export interface PeerOptions {
  readonly name: string;
  readonly address: Authority;
  /** Another Weir of ours: it gets Weir-Transaction, and its Proxy-Status is believed. */
  readonly hop: boolean;
  readonly connectTimeoutMs: number | undefined;
  /** Undefined: without TLS. */
  readonly tls?: TlsPeerOptions | undefined;
  /** What it is sent as Proxy-Authorization. A secret. */
  readonly authorization?: string | undefined;
  /** Its share beside the other peers of a route. */
  readonly weight: number;
  /** Tunnels and requests through it at the same time, of all processes of this host. */
  readonly maxTunnels: number | undefined;
  /** Connections that are opened ahead, of all processes of this host; 0: none. */
  readonly standby: number;
  /** Undefined: nobody looks at it. */
  readonly health: HealthOptions | undefined;
}

/** How often a peer is looked at. */
export interface HealthOptions {
  readonly intervalMs: number;
  /** What is to be reached through the peer now and then; undefined: nothing. */
  readonly target: Authority | undefined;
}

export type Balance = 'failover' | 'roundRobin' | 'leastTunnels' | 'sourceHash' | 'domainHash';

export interface RouteOptions {
  readonly name: string;
  /** ACLs, `!` negates; all must hold. Empty: always. */
  readonly when: readonly string[];
  /** Names of peers; empty where `direct`. */
  readonly peers: readonly string[];
  readonly balance: Balance;
  readonly direct: boolean;
  /** Direct: the address of this host to connect from; undefined: the system chooses. */
  readonly source: IpAddress | undefined;
  readonly resolve: 'here' | 'peer';
}
