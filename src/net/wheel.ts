/**
 * One coarse clock for every deadline of the data path: a hashed timing wheel on a single interval, so that a tunnel
 * costs no timer of its own. Deadlines are late by at most one tick and never early. The wheel stops ticking when it is
 * empty, and never keeps the process alive.
 */
import { performance } from 'node:perf_hooks';
import { List, type Member } from './list.ts';

/** Where a wheel takes its time from: milliseconds, monotonic. Tests pass their own. */
export interface WheelClock {
  now(): number;
  setInterval(callback: () => void, ms: number): { unref?(): void };
  clearInterval(interval: unknown): void;
}

const SYSTEM_CLOCK: WheelClock = {
  now: () => performance.now(),
  setInterval: (callback, ms) => setInterval(callback, ms),
  clearInterval: (interval) => clearInterval(interval as NodeJS.Timeout),
};

const SLOTS = 512;

/** Whoever waits until a deadline. An object and not a function: a deadline is set for each tunnel, and a closure is garbage. */
export interface Timed {
  onDeadline(): void;
}

/** A point in time of which its owner is told once; can be moved and cleared at will. Made by {@link Wheel.deadline}. */
export class Deadline implements Member<Deadline> {
  readonly #wheel: Wheel;
  readonly #owner: Timed;
  /** When it falls due on the wheel's clock; 0 while it is not set. */
  dueMs = 0;
  /** Slot of the wheel, and neighbours in it; kept by the wheel. */
  slot = -1;
  previous: Deadline | undefined = undefined;
  next: Deadline | undefined = undefined;

  constructor(wheel: Wheel, owner: Timed) {
    this.#wheel = wheel;
    this.#owner = owner;
  }

  /** Falls due `ms` from now, whatever was set before. */
  set(ms: number): void {
    this.#wheel.remove(this);
    this.dueMs = this.#wheel.now() + ms;
    this.#wheel.add(this);
  }

  /** Is not due any more. */
  clear(): void {
    this.#wheel.remove(this);
    this.dueMs = 0;
  }

  /** Called by the wheel. */
  expire(): void {
    this.dueMs = 0;
    this.#owner.onDeadline();
  }
}

export class Wheel {
  readonly #clock: WheelClock;
  readonly #tickMs: number;
  readonly #slots = Array.from({ length: SLOTS }, () => new List<Deadline>());
  #size = 0;
  /** The tick of the last turn; its slot is looked at once more by the next, for what fell due in between. */
  #last = 0;
  #interval: unknown;

  constructor(options: { readonly tickMs?: number; readonly clock?: WheelClock } = {}) {
    this.#tickMs = options.tickMs ?? 50;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** Number of deadlines that are set. */
  get size(): number {
    return this.#size;
  }

  /** Milliseconds on the wheel's clock. */
  now(): number {
    return this.#clock.now();
  }

  /** A deadline of this wheel, not yet set. */
  deadline(owner: Timed): Deadline {
    return new Deadline(this, owner);
  }

  /** For {@link Deadline} only. */
  add(deadline: Deadline): void {
    if (this.#interval === undefined) this.#start();
    const tick = Math.max(Math.floor(deadline.dueMs / this.#tickMs), this.#last);
    deadline.slot = tick % SLOTS;
    this.#slotAt(deadline.slot).add(deadline);
    this.#size += 1;
  }

  /** For {@link Deadline} only. */
  remove(deadline: Deadline): void {
    if (deadline.slot < 0) return;
    this.#slotAt(deadline.slot).remove(deadline);
    deadline.slot = -1;
    this.#size -= 1;
  }

  #slotAt(index: number): List<Deadline> {
    return this.#slots[index] as List<Deadline>;
  }

  #start(): void {
    this.#last = Math.floor(this.now() / this.#tickMs);
    this.#interval = this.#clock.setInterval(() => this.#turn(), this.#tickMs);
    (this.#interval as { unref?(): void }).unref?.();
  }

  #stop(): void {
    this.#clock.clearInterval(this.#interval);
    this.#interval = undefined;
  }

  /** Expires all that is due; after a long pause one round over all slots is enough. */
  #turn(): void {
    const now = this.now();
    const last = Math.floor(now / this.#tickMs);
    const due: Deadline[] = [];
    for (let tick = Math.max(this.#last, last - SLOTS + 1); tick <= last; tick += 1) {
      // What is not due is of this tick's rest, or of a later round of the wheel.
      for (let one = this.#slotAt(tick % SLOTS).first; one !== undefined; one = one.next) {
        if (one.dueMs <= now) due.push(one);
      }
    }
    this.#last = last;
    for (const deadline of due) {
      // One that expired before it may have cleared or moved this one.
      if (deadline.slot < 0 || deadline.dueMs > now) continue;
      this.remove(deadline);
      deadline.expire();
    }
    // Only here: a lone deadline that is moved would else stop and start the interval each time.
    if (this.#size === 0) this.#stop();
  }
}
