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

/**
 * The same to ask about, looked at again where that was a second ago: interfaces come and go while a configuration stays. What was
 * seen last stands where they cannot be looked at, as when file descriptors have run out.
 */
export class OwnAddresses implements OwnHost {
  readonly #clock: { now(): number };
  #texts: ReadonlySet<string> | undefined = undefined;
  #lookedMs = 0;

  /** `clock` gives monotonic milliseconds; tests pass their own. */
  constructor(clock: { now(): number } = performance) {
    this.#clock = clock;
  }

  /** @throws {Error} where they could never be looked at: nobody knows, and so nothing may be dialled */
  has(text: string): boolean {
    const now = this.#clock.now();
    if (this.#texts === undefined || now - this.#lookedMs >= LOOK_EVERY_MS) {
      this.#texts = look(this.#texts);
      this.#lookedMs = now;
    }
    return this.#texts.has(text);
  }
}

function look(last: ReadonlySet<string> | undefined): ReadonlySet<string> {
  try {
    return new Set(ownAddresses().map(({ text }) => text));
  } catch (error) {
    if (last === undefined) throw error;
    return last;
  }
}
