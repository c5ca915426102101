/** What a limit is: whom it counts together, and how much all of those may have. */

/** What tells one key of a limit from another; clients of the same key share what it allows. */
export type Per = 'source' | 'namespace' | 'serviceAccount' | 'user' | 'listener' | 'rule' | 'global';

/** One entry of `limits`. What is undefined is not limited; something is. */
export interface LimitOptions {
  readonly name: string;
  readonly per: Per;
  /** So many transactions a second, and so many at once after a pause. */
  readonly requests: { readonly perSecond: number; readonly burst: number } | undefined;
  /** Tunnels open at the same time. */
  readonly tunnels: number | undefined;
  /** Bytes a second, both directions together. */
  readonly bandwidth: number | undefined;
  /** Bytes a day of UTC, both directions together. */
  readonly bytesPerDay: number | undefined;
}

/** A limit of tunnels alone that no configuration names: such names begin with `@`, and no metric tells of them. */
export function innerLimit(name: `@${string}`, per: Per, tunnels: number): LimitOptions {
  return { name, per, tunnels, requests: undefined, bandwidth: undefined, bytesPerDay: undefined };
}

/** Whether it is one of those. */
export function isInner(name: string): boolean {
  return name.startsWith('@');
}

/** Where the Redis is that limits are counted in, and as whom. */
export interface RedisOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined: without TLS. `ca`: undefined: the authorities of the system. */
  readonly tls: { readonly ca: string | undefined } | undefined;
  readonly username: string | undefined;
  /** Absolute path; read at every connection, so that the password may change. Undefined: none is shown. */
  readonly passwordFile: string | undefined;
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

/** What can run out. */
export type Resource = 'requests' | 'tunnels' | 'bandwidth' | 'bytesPerDay';
