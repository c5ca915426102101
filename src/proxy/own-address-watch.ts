/**
 * Looks now and then whether this host has other addresses than the guard in force knows: a temporary one of IPv6, one that was moved
 * here. The system tells nobody by itself. What is to be done then is for others.
 */
import type { IpAddress } from '#net/ip.ts';
import type { ProxyContext } from './context.ts';

/** To look costs some microseconds for each interface. */
const LOOK_EVERY_MS = 10_000;

export interface OwnAddressWatchParts {
  readonly context: Pick<ProxyContext, 'generation'>;
  readonly read: () => readonly IpAddress[];
  readonly onChange: () => void;
}

export class OwnAddressWatch {
  readonly #parts: OwnAddressWatchParts;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(parts: OwnAddressWatchParts) {
    this.#parts = parts;
  }

  begin(everyMs = LOOK_EVERY_MS): void {
    this.#timer = setInterval(() => this.look(), everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    const { context, read, onChange } = this.#parts;
    const known = context.generation.guard.ownAddresses;
    const texts = new Set(read().map(({ text }) => text));
    if (texts.symmetricDifference(known).size > 0) onChange();
  }
}
