/**
 * Byte counters that grow while a tunnel is open. Records are cumulative, so what an `update` has counted is remembered
 * until the `end`, for tunnels that had one; a tunnel that there is no room to remember is counted at its end alone.
 */
import type { RecordEntry } from './entry.ts';
import type { Tally } from './tally.ts';

/** Every open tunnel has an update after a minute; twice what one process is meant to hold. */
const MAX_REMEMBERED = 100_000;

interface Counted {
  readonly fromClient: number;
  readonly toClient: number;
}

const NOTHING: Counted = { fromClient: 0, toClient: 0 };

export class ByteCounts {
  readonly #fromClient: Tally;
  readonly #toClient: Tally;
  readonly #limit: number;
  readonly #counted = new Map<string, Counted>();

  constructor(bytes: Tally, limit = MAX_REMEMBERED) {
    this.#fromClient = bytes.at('from_client');
    this.#toClient = bytes.at('to_client');
    this.#limit = limit;
  }

  /** Tunnels remembered now. */
  get remembered(): number {
    return this.#counted.size;
  }

  update(entry: RecordEntry): void {
    const before = this.#counted.get(entry.transactionId);
    if (before === undefined && this.#counted.size >= this.#limit) return;
    this.#add(entry, before);
    const { bytesFromClient, bytesToClient } = entry;
    this.#counted.set(entry.transactionId, { fromClient: bytesFromClient, toClient: bytesToClient });
  }

  end(entry: RecordEntry): void {
    if (this.#counted.size === 0) {
      this.#add(entry, undefined);
      return;
    }
    this.#add(entry, this.#counted.get(entry.transactionId));
    this.#counted.delete(entry.transactionId);
  }

  /** A counter never goes back, even where two transactions of a trusted hop share one id. */
  #add({ bytesFromClient, bytesToClient }: RecordEntry, before = NOTHING): void {
    this.#fromClient.value += Math.max(bytesFromClient - before.fromClient, 0);
    this.#toClient.value += Math.max(bytesToClient - before.toClient, 0);
  }
}
