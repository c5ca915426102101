/**
 * The configuration in force: every value typed and checked, every default filled in, all durations in milliseconds, and
 * deeply frozen. Request code sees this and never the file.
 */
import type { PolicyOptions } from '#acl/policy.ts';
import type { CacheOptions } from '#cache/options.ts';
import type { HopOptions } from '#hop/options.ts';
import type { StaticClient } from '#identity/static-clients.ts';
import type { User } from '#identity/users.ts';
import type { LimitOptions, RedisOptions } from '#limit/options.ts';
import type { Network } from '#net/ip.ts';
import type { ResolverOptions } from '#net/resolver.ts';
import type { TlsListenerOptions } from '#net/tls-context.ts';
import type { PeerOptions, RouteOptions } from '#peer/options.ts';
import type { Workers } from './workers.ts';

/** Where a listener or the admin server listens; `host` is an IP address, and port 0 lets the system choose. */
export interface BindOptions {
  readonly host: string;
  readonly port: number;
}

export interface ListenerOptions extends BindOptions {
  readonly name: string;
  /** Name of the socket that systemd hands over for it; `host` and `port` are then any. Undefined: it is bound here. */
  readonly socket?: string;
  /** Connections that it has at a time; undefined: as many as the process may have. */
  readonly maxConnections: number | undefined;
  readonly maxConnectionsPerClient: number | undefined;
  /** Networks whose connections begin with a PROXY header; undefined: none does. */
  readonly proxyProtocol: { readonly from: readonly Network[] } | undefined;
  /** Undefined: without TLS. */
  readonly tls: TlsListenerOptions | undefined;
}

/** `readiness`: what has to be well for this host to be given traffic. */
export interface AdminOptions extends BindOptions {
  readonly readiness: 'process' | 'peers';
}

/** How pods are watched, and what is made of what is known of them. */
export interface KubernetesOptions {
  /** Origin of the API server's URLs; undefined: that of the cluster that this is a pod of (in-cluster.ts). */
  readonly server: string | undefined;
  /** Absolute paths. */
  readonly tokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly whenStale: 'keep' | 'unknown';
  /** Whether namespaces are watched as well, since an ACL asks for their labels. */
  readonly watchesNamespaces: boolean;
}

export interface LogOptions {
  /** `stdout` or an absolute path. */
  readonly accessPath: string;
  readonly accessFormat: 'json' | 'ecs' | 'squid';
  /** Undefined: there is no audit trail. */
  readonly audit:
    | {
        /** Absolute paths. */
        readonly path: string;
        readonly keyFile: string | undefined;
        readonly strict: boolean;
      }
    | undefined;
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
}

/** All in milliseconds. */
export interface Timeouts {
  readonly head: number;
  readonly establish: number;
  readonly connect: number;
  readonly hello: number;
  readonly idle: number;
  readonly lifetime: number;
  readonly linger: number;
  readonly keepAlive: number;
  readonly drainDelay: number;
  readonly drain: number;
}

/** What plain HTTP says of the inside to next hops that are none of ours. */
export interface ForwardOptions {
  /** Whether origins get Via. */
  readonly via: boolean;
  /** Whether they are told the client's address. */
  readonly forwarded: boolean;
  /** Names of fields that are removed, lower case. */
  readonly strip: readonly string[];
}

/** When a certificate ends that the configuration names. */
export interface CertificateEnd {
  /** Whose it is, as in `listener main` or `peer vm-a`; of authorities their key as well, as in `peer vm-a ca`. */
  readonly use: string;
  /** The key that names the file. */
  readonly path: readonly (string | number)[];
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

export interface Config {
  /** Absolute path of the file; undefined for the built-in configuration. */
  readonly file: string | undefined;
  readonly name: string;
  readonly workers: Workers;
  readonly listeners: readonly ListenerOptions[];
  /** It is meant that anybody may reach anything. */
  readonly openProxy: boolean;
  readonly admin: AdminOptions;
  readonly policy: PolicyOptions;
  /** Undefined: nobody can authenticate. */
  readonly auth: { readonly users: readonly User[] } | undefined;
  /** Where limits are counted; undefined: here. */
  readonly limitStore: RedisOptions | undefined;
  /** By name. */
  readonly limits: Readonly<Record<string, LimitOptions>>;
  readonly peers: Readonly<Record<string, PeerOptions>>;
  readonly routes: readonly RouteOptions[];
  readonly forward: ForwardOptions;
  /** Of rules with `cache`. */
  readonly cache: CacheOptions;
  readonly dns: ResolverOptions;
  readonly guard: { readonly allow: readonly Network[]; readonly deny: readonly Network[] };
  /** Who runs clients, by their address. */
  readonly clients: readonly StaticClient[];
  /** Undefined: pods are not watched. */
  readonly kubernetes: KubernetesOptions | undefined;
  readonly hop: HopOptions;
  readonly log: LogOptions;
  readonly timeouts: Timeouts;
  /** SHA-256 in hexadecimal over all of the above but `file`, with the contents of files that it names. */
  readonly hash: string;
  /** SHA-256 in hexadecimal over what decides, which replicas have in common (rules-hash.ts). */
  readonly rulesHash: string;
  /** Absolute paths of all files that it was made of. */
  readonly files: readonly string[];
  /** Of these, those that nobody else should be able to read. */
  readonly secretFiles: readonly string[];
  /** Files of certificates, keys and passwords that were not to be read: such a configuration is for study, and `hash` is without them. */
  readonly unread: readonly string[];
  /** When the certificates among them end. */
  readonly certificates: readonly CertificateEnd[];
  /** SHA-256 in hexadecimal of the contents, by path. */
  readonly digests: Readonly<Record<string, string>>;
}
