/**
 * Shares the bandwidth of one key out among its flows. A flow that has moved more than there was waits. At each turn of the wheel
 * what has come in is shared out evenly among those that wait: it pays what they owe, and what is more than that they may use
 * until the next turn, when it is shared out anew. So each gets the same, whether it moves few bytes at a time or many. One
 * deadline on the shared wheel for all of them, and none while nobody waits.
 */
import { List, type Member } from '#net/list.ts';
import type { Deadline, Timed, Wheel } from '#net/wheel.ts';

/** The next turn of the wheel. */
const NEXT_TURN_MS = 1;
/** A turn is late by as much as it is long, at worst. */
const TURN_MS = 100;

/** Where bandwidth is counted: a quota. */
export interface BandwidthSource {
  take(resource: 'bandwidth', want: number): number | Promise<number>;
  charge(bytes: number): void;
  giveBack(resource: 'bandwidth', amount: number): void;
}

/** What moves bytes under a limit: one tunnel, or one exchange. */
export abstract class Flow implements Member<Flow> {
  /** Neighbours among those that wait, or among those that have credit. */
  previous: Flow | undefined = undefined;
  next: Flow | undefined = undefined;
  /** Bytes that were moved and are not paid for: above 0 it waits. Below 0 it has credit. */
  debt = 0;

  /** All is paid: it goes on. */
  abstract onPaid(): void;
}

export class Shaper implements Timed {
  readonly #quota: BandwidthSource;
  /** Bytes of one turn. */
  readonly #turnBytes: number;
  readonly #waiting = new List<Flow>();
  readonly #credited = new List<Flow>();
  readonly #deadline: Deadline;
  #isAsking = false;

  /** `bandwidth` in bytes a second. */
  constructor(quota: BandwidthSource, bandwidth: number, wheel: Wheel) {
    this.#quota = quota;
    this.#turnBytes = Math.ceil((bandwidth / 1000) * TURN_MS);
    this.#deadline = wheel.deadline(this);
  }

  /** Called by the wheel. */
  onDeadline(): void {
    this.#turn();
  }

  /** `flow` has moved so many bytes. @returns whether they are paid for; else it waits for {@link Flow.onPaid} */
  pay(flow: Flow, bytes: number): boolean {
    const before = flow.debt;
    flow.debt += bytes;
    if (before > 0) return false;
    if (before < 0) {
      if (flow.debt < 0) return true;
      this.#credited.remove(flow);
    } else if (this.#waiting.size === 0 && !this.#isAsking) this.#payAtOnce(flow);
    if (flow.debt === 0) return true;
    this.#waiting.add(flow);
    this.#schedule();
    return false;
  }

  /** The flow is over, and has moved so many `bytes` that nobody has counted. What it owes, those that come after it wait for. */
  leave(flow: Flow, bytes: number): void {
    if (flow.debt > 0) this.#waiting.remove(flow);
    else if (flow.debt < 0) this.#credited.remove(flow);
    const due = flow.debt + bytes;
    flow.debt = 0;
    if (due > 0) this.#quota.charge(due);
    else if (due < 0) this.#quota.giveBack('bandwidth', -due);
    if (this.#waiting.size + this.#credited.size === 0) this.#deadline.clear();
  }

  #payAtOnce(flow: Flow): void {
    const paid = this.#quota.take('bandwidth', flow.debt);
    if (typeof paid === 'number') flow.debt -= paid;
    else this.#await(paid);
  }

  #reclaim(flow: Flow): number {
    const credit = -flow.debt;
    this.#credited.remove(flow);
    flow.debt = 0;
    return credit;
  }

  #turn(): void {
    let means = 0;
    for (let flow = this.#credited.first; flow !== undefined; flow = this.#credited.first)
      means += this.#reclaim(flow);
    if (means > 0) this.#quota.giveBack('bandwidth', means);
    if (this.#waiting.size === 0) return;
    const taken = this.#quota.take('bandwidth', this.#turnBytes);
    if (typeof taken === 'number') this.#share(taken);
    else this.#await(taken);
  }

  #await(taken: Promise<number>): void {
    this.#isAsking = true;
    void taken.then((means) => {
      this.#isAsking = false;
      this.#share(means);
    });
  }

  #share(means: number): void {
    const flows = this.#waiting.members();
    const share = flows.length === 0 ? 0 : Math.floor(means / flows.length);
    const rest = means - share * flows.length;
    if (rest > 0) this.#quota.giveBack('bandwidth', rest);
    for (const flow of share > 0 ? flows : []) this.#give(flow, share);
    this.#schedule();
  }

  #give(flow: Flow, share: number): void {
    // One before it may have ended it.
    if (flow.debt <= 0) {
      this.#quota.giveBack('bandwidth', share);
      return;
    }
    flow.debt -= share;
    if (flow.debt > 0) return;
    this.#waiting.remove(flow);
    if (flow.debt < 0) this.#credited.add(flow);
    flow.onPaid();
  }

  #schedule(): void {
    const isNeeded = this.#waiting.size + this.#credited.size > 0;
    if (isNeeded && !this.#isAsking && this.#deadline.dueMs === 0) this.#deadline.set(NEXT_TURN_MS);
  }
}
