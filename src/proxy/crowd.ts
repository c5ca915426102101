/**
 * How many connections of clients this process holds, and who goes when there are too many: those whose handshake has taken
 * longest, and where there is none those that are silent for longest, for they lose least. A connection for which there is no room
 * even so is closed before a byte of it is read.
 */
import { REASONS, type Reason } from '#errors.ts';
import type { Ledger } from '#net/ledger.ts';
import type { Log } from '#record/operational-log.ts';
import { Seldom } from '#record/seldom.ts';

/** Knows connections that could go. */
export interface Evictor {
  /** Whether all of its go before any of those that do not. */
  readonly goesFirst: boolean;
  /** Ends up to `count` of them. @returns how many */
  evict(count: number): number;
}

export interface CrowdParts {
  readonly ledger: Ledger;
  /** Connections of clients, at most. */
  readonly max: number;
  readonly log: Pick<Log, 'warn'>;
  /** Told of each connection that is refused. */
  readonly onRefused: () => void;
}

/** So many at once that looking for them costs each newcomer little, and so few that most stay. */
const MAX_EVICTED = 64;
const EVICTED_PART = 1 / 16;
const REPORT_EVERY_MS = 10_000;

export class Crowd {
  readonly #parts: CrowdParts;
  readonly #evictors = new Set<Evictor>();
  readonly #reports = new Seldom(REPORT_EVERY_MS);

  constructor(parts: CrowdParts) {
    this.#parts = parts;
  }

  /** Connections of clients, at most. */
  get max(): number {
    return this.#parts.max;
  }

  join(evictor: Evictor): void {
    this.#evictors.add(evictor);
  }

  leave(evictor: Evictor): void {
    this.#evictors.delete(evictor);
  }

  /** Whether a connection that has just been accepted, and counted, may stay. */
  admits(): boolean {
    const { ledger, max } = this.#parts;
    if (ledger.open('client') <= max || this.#makeRoom()) return true;
    this.turnAway('saturated');
    return false;
  }

  /** Tells of a connection for which there is no place, and why. */
  turnAway(reason: Reason): void {
    const { log, onRefused } = this.#parts;
    onRefused();
    this.#reports.run((suppressed) => {
      const fields = { reason, hint: REASONS[reason].hint, suppressed };
      log.warn(fields, 'Connections refused: as many are open as may be');
    });
  }

  #makeRoom(): boolean {
    return this.#evict(true) > 0 || this.#evict(false) > 0;
  }

  #evict(goesFirst: boolean): number {
    const count = Math.min(MAX_EVICTED, Math.ceil(this.#parts.max * EVICTED_PART));
    let evicted = 0;
    for (const evictor of this.#evictors)
      if (evictor.goesFirst === goesFirst) evicted += evictor.evict(count);
    return evicted;
  }
}
