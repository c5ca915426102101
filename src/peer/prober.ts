/**
 * Looks at the peers that ask for it, each in its own rhythm, and tells them what came of it: so a peer that is down is found
 * before a client finds it, and one that is up again too. Once per host; not at the same instant as other hosts.
 */
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import type { PeerTools } from './dial-peer.ts';
import { isUnreached } from './fault.ts';
import type { HealthOptions } from './options.ts';
import type { Peer } from './peer.ts';
import { type Look, lookAt, lookThrough } from './probe.ts';

/** Looks may be that much earlier or later. */
const JITTER = 0.2;
/** A peer that takes longer is as good as down. */
const LONGEST_LOOK_MS = 5_000;
/** One look through the peer for so many at it. */
const CANARY_EVERY = 6;

export interface ProberParts {
  /** As they are when a look begins. */
  readonly tools: () => PeerTools;
  /** Our member of Via. */
  readonly via: string;
  /** Numbers from 0 to 1. @default the system's */
  readonly random?: () => number;
}

export class Prober {
  readonly #parts: ProberParts;
  #rounds = new Map<Peer, Round>();

  constructor(parts: ProberParts) {
    this.#parts = parts;
  }

  /** From now on these are looked at and no others; those that were before go on. */
  watch(peers: Iterable<Peer>): void {
    const before = this.#rounds;
    this.#rounds = new Map();
    for (const peer of peers) {
      const { health } = peer.options;
      if (health === undefined) continue;
      this.#rounds.set(peer, before.get(peer) ?? new Round(peer, health, this.#parts));
      before.delete(peer);
    }
    for (const round of before.values()) round.stop();
  }

  stop(): void {
    this.watch([]);
  }
}

/** Looks at one peer again and again. */
class Round {
  readonly #peer: Peer;
  readonly #health: HealthOptions;
  readonly #parts: ProberParts;
  #timer: NodeJS.Timeout | undefined = undefined;
  #abort = new Abort();
  #count = 0;
  #isStopped = false;

  constructor(peer: Peer, health: HealthOptions, parts: ProberParts) {
    this.#peer = peer;
    this.#health = health;
    this.#parts = parts;
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#abort.abort(new ProxyError('draining'));
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { target } = this.#health;
    const { via } = this.#parts;
    const isReachable = await this.#bounded((dial) => lookAt(dial, via));
    const isCanaryDue = this.#count % CANARY_EVERY === 0;
    this.#count += 1;
    if (target !== undefined && isCanaryDue && isReachable && !this.#isStopped)
      await this.#bounded((dial) => lookThrough(dial, target.text, via));
    if (this.#isStopped) return;
    const { random = Math.random } = this.#parts;
    const waitMs = this.#health.intervalMs * (1 - JITTER + 2 * JITTER * random());
    this.#timer = setTimeout(() => void this.#look(), waitMs).unref();
  }

  /** @returns whether the peer is there, as far as the look tells */
  async #bounded(look: (dial: Parameters<typeof lookAt>[0]) => Promise<Look>): Promise<boolean> {
    const abort = new Abort();
    this.#abort = abort;
    const late = (): void =>
      abort.abort(new ProxyError('peer_timeout', { detail: 'The peer was looked at in vain' }));
    const timer = setTimeout(late, LONGEST_LOOK_MS).unref();
    try {
      const tools = this.#parts.tools();
      const { options, tls } = this.#peer;
      const { sight, fault } = await look({ tools, options, tls, abort });
      this.#peer.seen(sight);
      if (fault === undefined) this.#peer.succeeded();
      else this.#peer.failed(fault.reason, tools.wheel.now(), isUnreached(fault));
      return sight.reachable === true;
    } catch {
      // A fault of ours, or the end: it says nothing of the peer.
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
