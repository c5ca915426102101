/**
 * The configuration in force: every value typed and checked, every default filled in, all durations in milliseconds, and
 * deeply frozen. Request code sees this and never the file.
 */
import type { PolicyOptions } from '#acl/policy.ts';
import type { User } from '#identity/users.ts';
import type { LimitOptions } from '#limit/options.ts';
import type { Network } from '#net/ip.ts';
import type { ResolverOptions } from '#net/resolver.ts';
import type { PeerOptions, RouteOptions } from '#peer/options.ts';
import type { Workers } from './workers.ts';

/** Where a listener or the admin server listens; `host` is an IP address, and port 0 lets the system choose. */
export interface BindOptions {
  readonly host: string;
  readonly port: number;
}

export interface ListenerOptions extends BindOptions {
  readonly name: string;
}

/** `readiness`: what has to be well for this host to be given traffic. */
export interface AdminOptions extends BindOptions {
  readonly readiness: 'process' | 'peers';
}

export interface LogOptions {
  /** `stdout` or an absolute path. */
  readonly accessPath: string;
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
}

/** All in milliseconds. */
export interface Timeouts {
  readonly head: number;
  readonly establish: number;
  readonly connect: number;
  readonly idle: number;
  readonly lifetime: number;
  readonly linger: number;
  readonly keepAlive: number;
  readonly drainDelay: number;
  readonly drain: number;
}

export interface Config {
  /** Absolute path of the file; undefined for the built-in configuration. */
  readonly file: string | undefined;
  readonly name: string;
  readonly workers: Workers;
  readonly listeners: readonly ListenerOptions[];
  readonly admin: AdminOptions;
  readonly policy: PolicyOptions;
  /** Undefined: nobody can authenticate. */
  readonly auth: { readonly users: readonly User[] } | undefined;
  /** By name. */
  readonly limits: Readonly<Record<string, LimitOptions>>;
  readonly peers: Readonly<Record<string, PeerOptions>>;
  readonly routes: readonly RouteOptions[];
  readonly dns: ResolverOptions;
  readonly guard: { readonly allow: readonly Network[]; readonly deny: readonly Network[] };
  /** `trustFrom`: ACLs that must all hold for a client to be a hop of ours; undefined: none is. */
  readonly hop: { readonly trustFrom: readonly string[] | undefined };
  readonly log: LogOptions;
  readonly timeouts: Timeouts;
  /** SHA-256 in hexadecimal over all of the above but `file`, with the contents of files that it names. */
  readonly hash: string;
  /** Absolute paths of all files that it was made of. */
  readonly files: readonly string[];
  /** SHA-256 in hexadecimal of the contents, by path. */
  readonly digests: Readonly<Record<string, string>>;
}
