/**
 * What the harness asks of the load generator and hears back, and the bytes that both ends agree on. Shared by processes, so it
 * holds values only.
 */

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where to connect, and through which proxy; without `via`, straight. */
interface Path {
  readonly target: Address;
  readonly via?: Address;
}

/** `count` times: open, send 64 bytes, get them back, close; `parallel` at a time. */
export interface SetUpJob extends Path {
  readonly kind: 'setUp';
  readonly count: number;
  readonly parallel: number;
}

/** Read `bytes` from the target through one connection. */
export interface DownloadJob extends Path {
  readonly kind: 'download';
  readonly bytes: number;
  /** Compare every byte, which costs time: for the proof before the measurement. */
  readonly compare: boolean;
}

export type Job = SetUpJob | DownloadJob;

/** Either how long the whole job took, or why it is void. */
export type Result = { readonly seconds: number } | { readonly fault: string };

/** Ports of the origin: one sends back what it gets, the other sends {@link PATTERN} for as long as told. */
export interface OriginPorts {
  readonly echo: number;
  readonly download: number;
}

export const PING_BYTES = 64;

/** What a download repeats: every offset differs from its neighbours, so a lost, doubled or moved chunk shows. */
export const PATTERN: Buffer = (() => {
  const pattern = Buffer.alloc(64 * 1024 + 1);
  for (let at = 0, state = 1; at < pattern.length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pattern[at] = state >>> 24;
  }
  return pattern;
})();
