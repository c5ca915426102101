/** What the configuration says about the cache, checked and typed. */

/** In bytes. */
export interface CacheOptions {
  /** Of all processes of this host. */
  readonly memory: number;
  /** Of the largest body that is kept. */
  readonly maxObject: number;
  readonly disk: DiskOptions | undefined;
  /** Absolute path of the control socket. @default the unit's under systemd, and else none */
  readonly socket?: string | undefined;
}

export interface DiskOptions {
  /** A folder for this host's processes alone, absolute. */
  readonly path: string;
  /** In bytes, of all processes of this host. */
  readonly size: number;
}
