/**
 * Connections to one peer that are opened ahead, so that a tunnel through it begins with its CONNECT: all that comes before is done.
 * Bounded in number and age, and given up first when file descriptors run out. One that ends, or says something unasked, is let go
 * before anybody uses it, and so is what has waited since before the peer was found down: it may be dead without knowing it.
 */
import { ProxyError, REASONS } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import type { IdleSockets } from '#net/idle-sockets.ts';
import { type Leg, NOBODY, type Sink } from '#net/leg.ts';
import { type DialObserver, dialPeer, type PeerTools } from './dial-peer.ts';
import { isUnreached } from './fault.ts';
import type { Peer } from './peer.ts';
import type { WarmLeg, WarmLegs } from './warm-leg.ts';

/** Less than the next tier waits for a first byte (its `timeouts.keepAlive`, 75 s unless it says otherwise). */
const LONGEST_MS = 45_000;
const LOOK_EVERY_MS = 1_000;

export interface StandbyParts {
  readonly peer: Peer;
  /** So many are kept ready. */
  readonly count: number;
  /** As they are when a connection is opened. */
  readonly tools: () => PeerTools;
}

export class Standby implements WarmLegs {
  readonly #parts: StandbyParts;
  // Arrays, which stay as they are where members come and go: a Set makes table after table (net/list.ts), and lists through
  // their members are for all of a process the same few functions, which get slower with each kind of member.
  /** The oldest first. */
  readonly #warm: Warm[] = [];
  readonly #arriving: Arriving[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(parts: StandbyParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    this.#refill();
  }

  get wanted(): number {
    return this.#parts.count;
  }

  get size(): number {
    return this.#warm.length;
  }

  /** The newest, which is in caches still, and which nothing on the way has forgotten. Another takes its place. */
  take(): WarmLeg | undefined {
    if (!this.#parts.peer.isUp) this.#dropStale(this.#parts.tools().wheel.now());
    const newest = this.#warm.pop();
    if (newest === undefined) return undefined;
    newest.idle.deleteStandby(newest);
    newest.leg.attach(NOBODY);
    this.#refill();
    return newest;
  }

  /** Lets go of those that are too old or may be dead, and opens what is missing. */
  look(): void {
    const now = this.#parts.tools().wheel.now();
    this.#drop(now - LONGEST_MS);
    if (!this.#parts.peer.isUp) this.#dropStale(now);
    this.#refill();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const { abort } of [...this.#arriving]) abort.abort(new ProxyError('draining'));
    for (const warm of [...this.#warm]) warm.destroy();
  }

  /** Those from before the peer went down, which it is. */
  #dropStale(nowMs: number): void {
    this.#drop(nowMs - this.#parts.peer.downMs(nowMs));
  }

  /** Those that were there at `sinceMs`. */
  #drop(sinceMs: number): void {
    for (const warm of [...this.#warm]) if (warm.bornMs <= sinceMs) warm.destroy();
  }

  /** As far as there is room beside what is on standby already, be it of whichever peer. */
  #refill(): void {
    const { peer, count, tools } = this.#parts;
    const missing = count - this.#warm.length - this.#arriving.length;
    if (missing <= 0) return;
    const now = tools();
    if (!peer.isDue(now.wheel.now())) return;
    for (let i = 0; i < missing && now.idle.takePlace(); i += 1) this.#open(now);
  }

  #open(tools: PeerTools): void {
    const { options, tls } = this.#parts.peer;
    const arriving = new Arriving(tools, this);
    this.#arriving.push(arriving);
    dialPeer({ tools, options, tls, abort: arriving.abort }, arriving);
  }

  /** For {@link Arriving} only. */
  keep(arriving: Arriving, leg: Leg, address: string): void {
    const { idle, wheel } = arriving.tools;
    removeFrom(this.#arriving, arriving);
    this.#parts.peer.reached();
    const warm = new Warm({ leg, address, bornMs: wheel.now(), idle, standby: this });
    this.#warm.push(warm);
    idle.addStandby(warm);
    // It may have ended already, or said something.
    leg.attach(warm);
    if (leg.heldBytes > 0) warm.destroy();
  }

  /** For {@link Arriving} only. All that are missing may fail at once, which is one fault. */
  fail(arriving: Arriving, fault: ProxyError): void {
    const { peer } = this.#parts;
    const { idle, wheel } = arriving.tools;
    removeFrom(this.#arriving, arriving);
    idle.givePlaceBack();
    const now = wheel.now();
    if (arriving.abort.reason === undefined && REASONS[fault.reason].retryable && peer.isDue(now))
      peer.failed(fault.reason, now, isUnreached(fault));
  }

  /** For {@link Warm} only: it is gone. */
  forget(warm: Warm): void {
    removeFrom(this.#warm, warm);
    warm.idle.deleteStandby(warm);
  }
}

/** One that is being opened. */
class Arriving implements DialObserver {
  readonly tools: PeerTools;
  readonly abort = new Abort();
  readonly #standby: Standby;

  constructor(tools: PeerTools, standby: Standby) {
    this.tools = tools;
    this.#standby = standby;
  }

  onDialled(leg: Leg, address: string): void {
    this.#standby.keep(this, leg, address);
  }

  onFault(fault: ProxyError): void {
    this.#standby.fail(this, fault);
  }
}

interface WarmParts extends WarmLeg {
  readonly bornMs: number;
  readonly idle: IdleSockets;
  readonly standby: Standby;
}

/** In charge of one while it waits. */
class Warm implements WarmLeg, Sink {
  readonly leg: Leg;
  readonly address: string;
  readonly bornMs: number;
  readonly idle: IdleSockets;
  readonly #standby: Standby;

  constructor({ leg, address, bornMs, idle, standby }: WarmParts) {
    this.leg = leg;
    this.address = address;
    this.bornMs = bornMs;
    this.idle = idle;
    this.#standby = standby;
  }

  destroy(): void {
    this.#standby.forget(this);
    this.leg.destroy();
  }

  onChunk(): boolean {
    this.destroy();
    return false;
  }

  onEnd(): void {
    this.destroy();
  }

  onClose(): void {
    this.#standby.forget(this);
  }
}

function removeFrom<One>(list: One[], one: One): void {
  const at = list.indexOf(one);
  if (at >= 0) list.splice(at, 1);
}
