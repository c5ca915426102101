/** The addresses of this host, as its interfaces have them now. */
import os from 'node:os';
import { type IpAddress, parseSystemIp } from './ip.ts';
import type { OwnHost } from './own-ports.ts';

const LOOK_EVERY_MS = 1000;

/** As Node lists them. */
type Interfaces = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>;

/** Looks at them, and remembers what it saw. */
export class HostAddresses {
  readonly #read: () => Interfaces;
  #lastSeen: readonly IpAddress[] | undefined = undefined;

  /** `read` lists the interfaces; tests pass their own. */
  constructor(read: () => Interfaces = () => os.networkInterfaces()) {
    this.#read = read;
  }

  /**
   * Of every interface, loopback and link-local ones too. What was seen last stands where they cannot be looked at, as when file
   * descriptors have run out; undefined: they could never be.
   */
  all(): readonly IpAddress[] | undefined {
    try {
      this.#lastSeen = Object.values(this.#read())
        .flatMap((addresses) => addresses ?? [])
        .map(({ address }) => parseSystemIp(address))
        .filter((address) => address !== undefined);
    } catch {
      // As documented: who cannot do without them has to say so.
    }
    return this.#lastSeen;
  }
}

/** Of this host: what any part of the process has seen last stands for all of it. */
export const HOST_ADDRESSES = new HostAddresses();

/** The same to ask about, looked at again where that was a second ago: interfaces come and go while a configuration stays. */
export class OwnAddresses implements OwnHost {
  readonly #clock: { now(): number };
  readonly #addresses: HostAddresses;
  #texts: ReadonlySet<string> | undefined;
  #lookedMs: number;

  /** Looks at once, while there are descriptors. `clock` gives monotonic milliseconds; tests pass their own. */
  constructor(clock: { now(): number } = performance, addresses = HOST_ADDRESSES) {
    this.#clock = clock;
    this.#addresses = addresses;
    this.#texts = this.#look();
    this.#lookedMs = clock.now();
  }

  /** @throws {Error} where they could never be looked at: nobody knows, and so nothing may be dialled */
  has(text: string): boolean {
    const now = this.#clock.now();
    if (this.#texts === undefined || now - this.#lookedMs >= LOOK_EVERY_MS) {
      this.#texts = this.#look();
      this.#lookedMs = now;
    }
    if (this.#texts === undefined) throw new Error('Cannot look at the addresses of this host');
    return this.#texts.has(text);
  }

  #look(): ReadonlySet<string> | undefined {
    const addresses = this.#addresses.all();
    return addresses && new Set(addresses.map(({ text }) => text));
  }
}
