/**
 * The audit trail as a worker sees it, whose supervisor writes it: records go there many at a time, and it is told how many of its own
 * are written, and whether none can be. What is sent is kept until then: a supervisor that goes may be followed by another.
 */
import type { Body } from './canonical.ts';
import type { Trail } from './trail.ts';
import { PATIENCE_MS, Waiters } from './waiters.ts';

/** Records that nobody has told to be written. */
const MAX_PENDING = 65_536;
/** A message is dearer than a record: under load records share it. */
const GATHER_MS = 5;
/** A supervisor that only starts fails nobody: on a machine that is busy it takes longer than a disk may. */
const HELD_PATIENCE_MS = 10_000;

/** From a worker: what it has to put in, and how many there was no room for. */
export interface TrailBatch {
  readonly bodies: readonly Body[];
  readonly lost: number;
  /** Whether a supervisor before may have written some of them already. */
  readonly isAgain?: boolean;
}

/** To a worker: how many of its records are written, and whether what it puts in would not be. */
export interface TrailNews {
  readonly written: number;
  readonly isFailing: boolean;
}

export class RemoteTrail implements Trail {
  readonly #send: (batch: TrailBatch) => Promise<void>;
  readonly #waiters: Waiters;
  readonly #patienceMs: number;
  readonly #heldPatienceMs: number;
  #pending: Body[] = [];
  /** With the supervisor, and not known to be written. */
  #sent: Body[] = [];
  #lost = 0;
  /** Lost ones that the supervisor was told of, and with which of its records it has written that. */
  #toldLost = { count: 0, until: 0 };
  #taken = 0;
  #written = 0;
  /** Records that were written before this supervisor counted. */
  #before = 0;
  #isFailing = false;
  #isLost = false;
  /** Whether there is no supervisor just now. */
  #isHeld = false;
  #sending: Promise<void> | undefined = undefined;
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined = undefined;
  #sentMs = Number.NEGATIVE_INFINITY;

  /** `send` resolves when the supervisor has a batch. `heldPatienceMs` is for while there is no supervisor. */
  constructor(
    send: (batch: TrailBatch) => Promise<void>,
    patienceMs = PATIENCE_MS,
    heldPatienceMs = HELD_PATIENCE_MS,
  ) {
    this.#send = send;
    this.#patienceMs = patienceMs;
    this.#heldPatienceMs = heldPatienceMs;
    this.#waiters = new Waiters(() => this.#fail('the supervisor does not answer'), patienceMs);
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  append(body: Body): boolean {
    if (this.#isLost || this.#pending.length + this.#sent.length >= MAX_PENDING) {
      this.#lost += 1;
      return false;
    }
    this.#pending.push(body);
    this.#taken += 1;
    this.#sendSoon();
    return true;
  }

  async written(): Promise<void> {
    if (this.#isFailing) throw new Error('the supervisor could not do so a moment ago');
    if (this.#written >= this.#taken) return;
    await this.#waiters.wait(this.#taken);
  }

  /** The supervisor tells. */
  hear({ written, isFailing }: TrailNews): void {
    if (this.#isLost) return;
    const all = this.#before + written;
    this.#sent.splice(0, all - this.#written);
    this.#written = all;
    this.#waiters.written(all);
    if (isFailing) {
      this.#fail('the supervisor cannot write it');
      return;
    }
    this.#isFailing = false;
    if (all >= this.#toldLost.until) this.#toldLost = { count: 0, until: 0 };
    if (this.#lost > 0) this.#sendSoon();
  }

  /** The supervisor is gone: nobody writes any more. */
  lose(): void {
    this.hold();
    this.#isLost = true;
    this.#lost = this.left + this.#toldLost.count;
    this.#pending = [];
    this.#sent = [];
    this.#fail('the supervisor is gone');
  }

  /** The supervisor goes, and another may come: what is put in is kept for it, and who waits goes on waiting. */
  hold(): void {
    this.#isHeld = true;
    this.#stopClock();
    this.#waiters.allow(this.#heldPatienceMs);
  }

  /**
   * Another supervisor has come. It gets first what the one before had taken and not told to be written; that some were lost is rather
   * told twice than not at all.
   */
  resume(): void {
    this.#isHeld = false;
    this.#isFailing = false;
    this.#before = this.#written;
    this.#waiters.allow(this.#patienceMs);
    const { count } = this.#toldLost;
    if (this.#sent.length + count > 0)
      this.#dispatch({ bodies: [...this.#sent], lost: count, isAgain: true });
    else if (this.#hasNews) this.#sendSoon();
  }

  /** Records that no supervisor has told to be written, and those that are lost and that none was told of. */
  get left(): number {
    return this.#pending.length + this.#sent.length + this.#lost;
  }

  /** Whether there is something that no supervisor was told. */
  get #hasNews(): boolean {
    return this.#pending.length + this.#lost > 0;
  }

  /** Resolves when the supervisor has everything, or there is none. */
  async flush(): Promise<void> {
    while (!this.#isHeld && (this.#hasNews || this.#sending !== undefined)) {
      this.#flush();
      await this.#sending;
    }
  }

  #sendSoon(): void {
    if (this.#isHeld || this.#timer !== undefined || this.#sending !== undefined) return;
    const waitMs = this.#sentMs + GATHER_MS - performance.now();
    this.#timer = waitMs > 0 ? setTimeout(this.#flush, waitMs) : setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#stopClock();
    if (this.#isHeld || this.#sending !== undefined || !this.#hasNews) return;
    this.#sentMs = performance.now();
    this.#waiters.seal();
    const batch = { bodies: this.#pending, lost: this.#lost };
    this.#sent = this.#sent.concat(this.#pending);
    if (this.#lost > 0)
      this.#toldLost = { count: this.#toldLost.count + this.#lost, until: this.#written + this.#sent.length };
    this.#pending = [];
    this.#lost = 0;
    this.#dispatch(batch);
  };

  #dispatch(batch: TrailBatch): void {
    const sending = this.#send(batch).then(() => {
      if (this.#sending !== sending) return;
      this.#sending = undefined;
      if (this.#hasNews) this.#sendSoon();
    });
    this.#sending = sending;
  }

  #stopClock(): void {
    clearTimeout(this.#timer as NodeJS.Timeout);
    clearImmediate(this.#timer as NodeJS.Immediate);
    this.#timer = undefined;
  }

  #fail(why: string): void {
    this.#isFailing = true;
    this.#waiters.fail(new Error(why));
  }
}
