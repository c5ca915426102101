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
}

export type Balance = 'failover' | 'roundRobin' | 'leastTunnels';

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
