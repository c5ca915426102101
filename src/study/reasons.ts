/** Why lines of a log were not judged or not taken, and how often; so many reasons are told apart, the rest is counted. */
import { SightingTable } from './sightings.ts';

/** There are fewer, unless a policy asks for everything. */
const MAX_REASONS = 20;

export interface Counted {
  readonly why: string;
  readonly count: number;
}

export class Reasons {
  readonly #table = new SightingTable(MAX_REASONS);

  add(why: string): void {
    this.#table.add([why], 0);
  }

  /** The most frequent first. */
  counted(): Counted[] {
    const reasons = this.#table.rows().map(({ row, seen }) => ({ why: String(row[0]), count: seen.count }));
    const { count } = this.#table.beyond;
    return count === 0 ? reasons : [...reasons, { why: 'other reasons', count }];
  }
}
