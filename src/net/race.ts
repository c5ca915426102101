/**
 * The opening of one connection to whichever of several checked addresses of a target answers first (RFC 8305 section 5): the next one
 * is dialled when the latest has failed, or is slow and the process has room for one more attempt. With one address there is an opening
 * and nothing else. In which order, and what may be dialled at all, is the caller's to say.
 */
import { reasonOfSocketError } from './dial-fault.ts';
import {
  type DialTarget,
  type DialTools,
  Opening,
  type OpeningObserver,
  type UpstreamLeg,
} from './opening.ts';

/** RFC 8305 section 8; the wheel makes it up to a tick more. */
const ATTEMPT_DELAY_MS = 250;

/** Attempts of one race: whoever has more addresses gives the slowest up for the next one. */
const MAX_UNDER_WAY = 3;

/** Addresses of one target: what a race may dial, and nothing else. */
export interface Racers {
  /** The one to begin with. */
  readonly address: string;
  /** The rest, in the order in which to try them. */
  readonly others: readonly string[];
}

/** The time is for each address. */
export type RaceTarget = Racers & Omit<DialTarget, 'slowAfterMs'>;

/** Told of one outcome: of the winner, or of the failure that says most. */
export interface RaceObserver extends OpeningObserver {
  /** This address is dialled now. */
  onDial(address: string): void;
}

/** What is under way, and can be given up. */
export type Dial = Pick<Opening, 'stop'>;

/** Opens a connection to the first of the addresses that connects. Which one that is, the opening's target tells. */
export function openAny(tools: DialTools, target: RaceTarget, observer: RaceObserver): Dial {
  if (target.others.length > 0) return new Race(tools, target, observer);
  observer.onDial(target.address);
  return new Opening(tools, target, observer);
}

class Race implements OpeningObserver, Dial {
  readonly #tools: DialTools;
  readonly #target: RaceTarget;
  readonly #observer: RaceObserver;
  readonly #addresses: readonly string[];
  #tried = 0;
  /** The one that began last, while it is under way. */
  #latest: Opening | undefined = undefined;
  /** Those before it that are still under way. */
  #slower: readonly Opening[] = [];
  #fault: { readonly error: NodeJS.ErrnoException; readonly opening: Opening } | undefined = undefined;
  /** It is won, or given up: nobody else is dialled. */
  #isDecided = false;
  /** Attempts beyond the first that it holds a place for. */
  #extras = 0;

  constructor(tools: DialTools, target: RaceTarget, observer: RaceObserver) {
    this.#tools = tools;
    this.#target = target;
    this.#observer = observer;
    this.#addresses = [target.address, ...target.others];
    this.#dialNext();
  }

  stop(error: Error): void {
    this.#isDecided = true;
    for (const opening of this.#underWay()) opening.stop(error);
  }

  onOpened(leg: UpstreamLeg, winner: Opening): void {
    this.#isDecided = true;
    if (this.#tried > 1) this.#stopAllBut(winner);
    this.#observer.onOpened(leg, winner);
  }

  onSlow(opening: Opening): void {
    // One that is not the latest has had the next one tried already.
    if (opening !== this.#latest || this.#isDecided) return;
    if (this.#slower.length + 1 === MAX_UNDER_WAY) this.#giveSlowestUp();
    else if (!this.#takeExtra()) return;
    this.#dialNext();
  }

  onFailed(error: NodeJS.ErrnoException, opening: Opening): void {
    if (!this.#forget(opening)) return;
    this.#noteFault(error, opening);
    this.#dialNext();
    const underWay = this.#underWay().length;
    this.#giveExtrasBack(Math.max(0, underWay - 1));
    if (underWay === 0 && this.#fault !== undefined)
      this.#observer.onFailed(this.#fault.error, this.#fault.opening);
  }

  /** @returns whether it was under way, and neither lost nor given up for another one */
  #forget(opening: Opening): boolean {
    if (opening === this.#latest) this.#latest = undefined;
    else if (this.#slower.includes(opening)) this.#slower = this.#slower.filter((one) => one !== opening);
    else return false;
    return true;
  }

  /** That there is no path to an address says nothing of the target, where another one did. */
  #noteFault(error: NodeJS.ErrnoException, opening: Opening): void {
    if (this.#fault === undefined || reasonOfSocketError(error) !== 'destination_unroutable')
      this.#fault = { error, opening };
  }

  #giveSlowestUp(): void {
    const slowest = this.#slower[0] as Opening;
    const error = Object.assign(new Error('Slower than others to connect'), { code: 'ETIMEDOUT' });
    this.#slower = this.#slower.slice(1);
    this.#noteFault(error, slowest);
    slowest.stop(error);
  }

  #takeExtra(): boolean {
    if (!this.#tools.idle.takeExtra()) return false;
    this.#extras += 1;
    return true;
  }

  #giveExtrasBack(left: number): void {
    for (; this.#extras > left; this.#extras -= 1) this.#tools.idle.giveExtraBack();
  }

  /** Of no use where there is none left, or nobody waits for it any more. */
  #dialNext(): void {
    const address = this.#addresses[this.#tried];
    if (address === undefined || this.#isDecided) return;
    this.#tried += 1;
    const { timeoutMs } = this.#target;
    const isLast = this.#tried === this.#addresses.length || timeoutMs <= ATTEMPT_DELAY_MS;
    const slowAfterMs = isLast ? undefined : ATTEMPT_DELAY_MS;
    this.#slower = this.#underWay();
    this.#observer.onDial(address);
    this.#latest = new Opening(this.#tools, { ...this.#target, address, slowAfterMs }, this);
  }

  #stopAllBut(winner: Opening): void {
    const lost = new Error('Another address was faster');
    for (const opening of this.#underWay()) if (opening !== winner) opening.stop(lost);
    this.#latest = undefined;
    this.#slower = [];
    this.#giveExtrasBack(0);
  }

  #underWay(): readonly Opening[] {
    return this.#latest === undefined ? this.#slower : [...this.#slower, this.#latest];
  }
}
