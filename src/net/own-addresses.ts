/** The addresses of this host, as its interfaces have them now. */
import os from 'node:os';
import { type IpAddress, parseSystemIp } from './ip.ts';
import type { OwnHost } from './own-ports.ts';

const LOOK_EVERY_MS = 1000;

let lastSeen: readonly IpAddress[] | undefined;

/**
 * Of every interface, loopback and link-local ones too. What was seen last stands where they cannot be looked at, as when file
 * descriptors have run out; undefined: they could never be.
 */
export function ownAddresses(): readonly IpAddress[] | undefined {
  try {
    lastSeen = Object.values(os.networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => parseSystemIp(address))
      .filter((address) => address !== undefined);
  } catch {
    // As documented: who cannot do without them has to say so.
  }
  return lastSeen;
}

/** The same to ask about, looked at again where that was a second ago: interfaces come and go while a configuration stays. */
export class OwnAddresses implements OwnHost {
  readonly #clock: { now(): number };
  #texts: ReadonlySet<string> | undefined;
  #lookedMs: number;

  /** Looks at once, while there are descriptors. `clock` gives monotonic milliseconds; tests pass their own. */
  constructor(clock: { now(): number } = performance) {
    this.#clock = clock;
    this.#texts = ownTexts();
    this.#lookedMs = clock.now();
  }

  /** @throws {Error} where they could never be looked at: nobody knows, and so nothing may be dialled */
  has(text: string): boolean {
    const now = this.#clock.now();
    if (this.#texts === undefined || now - this.#lookedMs >= LOOK_EVERY_MS) {
      this.#texts = ownTexts();
      this.#lookedMs = now;
    }
    if (this.#texts === undefined) throw new Error('Cannot look at the addresses of this host');
    return this.#texts.has(text);
  }
}

function ownTexts(): ReadonlySet<string> | undefined {
  const addresses = ownAddresses();
  return addresses && new Set(addresses.map(({ text }) => text));
}
