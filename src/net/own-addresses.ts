/** The addresses of this host, as its interfaces have them now. */
import os from 'node:os';
import { type IpAddress, parseSystemIp } from './ip.ts';
import type { OwnHost } from './own-ports.ts';

const LOOK_EVERY_MS = 1000;

/** Of every interface, loopback and link-local ones too. */
export function ownAddresses(): readonly IpAddress[] {
  return Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => parseSystemIp(address))
    .filter((address) => address !== undefined);
}

/** The same to ask about, looked at again where that was a second ago: interfaces come and go while a configuration stays. */
export class OwnAddresses implements OwnHost {
  readonly #clock: { now(): number };
  #texts: ReadonlySet<string> = new Set();
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** `clock` gives monotonic milliseconds; tests pass their own. */
  constructor(clock: { now(): number } = performance) {
    this.#clock = clock;
  }

  has(text: string): boolean {
    const now = this.#clock.now();
    if (now - this.#lookedMs >= LOOK_EVERY_MS) {
      this.#texts = new Set(ownAddresses().map((address) => address.text));
      this.#lookedMs = now;
    }
    return this.#texts.has(text);
  }
}
