/** `maxTunnels` of a peer, counted where limits are: in this process, or by the supervisor for all of its workers. */
import { innerLimit } from '#limit/options.ts';
import type { LimitStore, Quota } from '#limit/quota.ts';
import type { PeerOptions } from '#peer/options.ts';
import type { Slots } from '#peer/slots.ts';

/** Undefined where the peer takes any number. */
export function peerSlots({ name, maxTunnels }: PeerOptions, store: LimitStore): Slots | undefined {
  if (maxTunnels === undefined) return undefined;
  return new QuotaSlots(store.open(innerLimit(`@peer ${name}`, 'global', maxTunnels)).of(''));
}

class QuotaSlots implements Slots {
  readonly #quota: Quota;

  constructor(quota: Quota) {
    this.#quota = quota;
  }

  take(): boolean | Promise<boolean> {
    const taken = this.#quota.take('tunnels', 1);
    return typeof taken === 'number' ? taken === 1 : taken.then((count) => count === 1);
  }

  giveBack(): void {
    this.#quota.giveBack('tunnels', 1);
  }
}
