/**
 * One peer as this process sees it: how many tunnels go through it, and whether it is to be left alone. Only faults of the peer
 * itself are reported here, never what a peer says about a target.
 * Processes of one host tell each other when that changes, and only then, so that a peer is down for all of them or none.
 *
 *   up --failed()--> backing off (0.5 s, doubled each time up to 4 s) --retry falls due--> tried again
 *   any --failed() as an outlier (outliers.ts)--> ejected (5 s, doubled each time up to 60 s) --over--> tried again
 *   any --succeeded()--> up; but an ejection for failing often, not always, runs its time
 */
import type { Reason } from '#errors.ts';
import { TlsClient } from '#net/tls-client.ts';
import type { PeerOptions } from './options.ts';
import { Outliers } from './outliers.ts';
import type { PeerReport, PeerWatch } from './peer-watch.ts';
import { type Entrant, hashOf } from './rendezvous.ts';
import { type PeerSight, UNSEEN } from './sight.ts';
import type { Slots } from './slots.ts';
import type { WarmLegs } from './warm-leg.ts';

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 4_000;

export interface PeerParts extends PeerWatch {
  /** Where `maxTunnels` is counted. */
  readonly slots?: Slots | undefined;
}

/** To be called when a tunnel or request is over; undefined: there is no room for it. */
export type Release = (() => void) | undefined;

export class Peer {
  readonly options: PeerOptions;
  /** Undefined: without TLS. */
  readonly tls: TlsClient | undefined;
  /** What it draws lots with. */
  readonly entrant: Entrant;
  /** Connections that were opened ahead; undefined: there are none. */
  warm: WarmLegs | undefined = undefined;
  readonly #parts: PeerParts;
  readonly #outliers = new Outliers();
  #openTunnels = 0;
  #failures = 0;
  #retryAtMs = 0;
  #downSinceMs = 0;
  #isUnreached = false;
  #lastFault: Reason | undefined = undefined;
  #sight = UNSEEN;

  constructor(options: PeerOptions, parts: PeerParts = {}) {
    this.options = options;
    this.tls = options.tls && new TlsClient(options.tls);
    this.entrant = { seed: hashOf(options.name), weight: options.weight };
    this.#parts = parts;
  }

  get name(): string {
    return this.options.name;
  }

  /** Tunnels and requests that go through this peer now. */
  get openTunnels(): number {
    return this.#openTunnels;
  }

  /** Whether its last attempt succeeded; a peer never tried counts as up. */
  get isUp(): boolean {
    return this.#failures === 0;
  }

  /** Whether it could not be connected to when it was tried last: nobody may be there, and not only somebody who has faults. */
  get isUnreached(): boolean {
    return this.#isUnreached;
  }

  /** Whether it may be tried at `nowMs` (monotonic) without waiting. */
  isDue(nowMs: number): boolean {
    return (this.#failures === 0 || nowMs >= this.#retryAtMs) && this.#outliers.leftMs(nowMs) === 0;
  }

  /** Whether it is left alone now for being an outlier, be it up or down. */
  isEjected(nowMs: number): boolean {
    return this.#outliers.leftMs(nowMs) > 0;
  }

  /** How long it has been down; 0 while it is up. */
  downMs(nowMs: number): number {
    return this.#failures === 0 ? 0 : nowMs - this.#downSinceMs;
  }

  /** How many connections to it are ready; undefined where none is to be. */
  get standby(): number | undefined {
    return this.warm?.size;
  }

  /** How many there should be; undefined where none is to be. */
  get standbyWanted(): number | undefined {
    return this.warm?.wanted;
  }

  /** What looks at it have found out. */
  get sight(): PeerSight {
    return this.#sight;
  }

  /** Takes over what a look has found out; what it could not tell stays as it was. */
  seen(sight: Partial<PeerSight>): void {
    this.#sight = { ...this.#sight, ...sight };
  }

  /** What another process is to know of it. */
  report(nowMs: number): PeerReport {
    const [{ stands }, isUnreached, reason] = [this.#outliers, this.#isUnreached, this.#lastFault];
    const ejectedMs = this.#outliers.leftMs(nowMs);
    return { name: this.name, failures: this.#failures, ejectedMs, stands, isUnreached, reason };
  }

  /** A connection to it was made, which says that it is there and nothing of how it does. */
  reached(): void {
    this.#isUnreached = false;
  }

  succeeded(): void {
    this.#outliers.countGood();
    const before = this.#failures;
    if (before === 0) return;
    this.#rise();
    this.#parts.onHealth?.({
      name: this.name,
      failures: 0,
      ejectedMs: 0,
      stands: false,
      isUnreached: false,
    });
    this.#tell(before);
  }

  /** `isUnreached`: it could not even be connected to. */
  failed(reason: Reason, nowMs: number, isUnreached = false): void {
    // While it rests, more of the same from transactions under way is no news.
    const isNews = this.isDue(nowMs);
    const before = this.#failures;
    this.#lastFault = reason;
    this.#backOff(this.#failures + 1, nowMs);
    this.#isUnreached = isUnreached;
    const ejectedMs = this.#outliers.countBad(this.#failures, nowMs);
    this.#parts.onFault?.(this.name, reason);
    if (ejectedMs > 0) this.#parts.onEjected?.(this.name, ejectedMs, reason);
    if (!isNews && ejectedMs === 0) return;
    this.#parts.onHealth?.(this.report(nowMs));
    this.#tell(before);
  }

  /** Takes over what another process has found out, and tells no other. */
  learn({ failures, ejectedMs, stands, isUnreached, reason }: PeerReport, nowMs: number): void {
    const before = this.#failures;
    this.#lastFault = reason ?? this.#lastFault;
    if (failures === 0) this.#rise();
    else if (failures > this.#failures) {
      this.#backOff(failures, nowMs);
      this.#isUnreached = isUnreached;
    }
    if (ejectedMs > 0) this.#outliers.learn(nowMs + ejectedMs, stands);
    this.#tell(before);
  }

  /**
   * Counts one tunnel or request until the returned function is called; undefined where it is full. At once where nobody else has
   * to be asked.
   */
  enter(): Release | Promise<Release> {
    const taken = this.#parts.slots?.take() ?? true;
    if (typeof taken === 'boolean') return taken ? this.#occupy() : undefined;
    return taken.then((isTaken) => (isTaken ? this.#occupy() : undefined));
  }

  #occupy(): () => void {
    this.#openTunnels += 1;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#openTunnels -= 1;
      this.#parts.slots?.giveBack();
    };
  }

  #tell(before: number): void {
    const { name, address } = this.options;
    const { isUp } = this;
    this.#parts.onFound?.({ peer: name, address: address.text, isUp, before, reason: this.#lastFault });
  }

  #rise(): void {
    this.#failures = 0;
    this.#isUnreached = false;
    this.#outliers.pardon();
  }

  #backOff(failures: number, nowMs: number): void {
    if (this.#failures === 0) this.#downSinceMs = nowMs;
    this.#failures = failures;
    this.#retryAtMs = nowMs + Math.min(FIRST_BACK_OFF_MS * 2 ** (failures - 1), LONGEST_BACK_OFF_MS);
  }
}

/** What of its peers a configuration may keep, and what new ones get. */
export interface PeersParts {
  readonly previous?: ReadonlyMap<string, Peer> | undefined;
  readonly watch?: PeerWatch;
  /** Where `maxTunnels` of a peer is counted. @default nowhere */
  readonly slotsOf?: (options: PeerOptions) => Slots | undefined;
}

/** The peers of a new configuration; those whose settings are unchanged keep their state. */
export function buildPeers(
  options: readonly PeerOptions[],
  parts: PeersParts = {},
): ReadonlyMap<string, Peer> {
  const { previous, watch, slotsOf } = parts;
  const peers = new Map<string, Peer>();
  for (const one of options) {
    const old = previous?.get(one.name);
    const isSame = old !== undefined && JSON.stringify(old.options) === JSON.stringify(one);
    peers.set(one.name, isSame ? old : new Peer(one, { ...watch, slots: slotsOf?.(one) }));
  }
  return peers;
}
