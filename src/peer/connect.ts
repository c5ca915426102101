/**
 * A tunnel through the peers of a route: dial one, ask it by CONNECT, and try the next after a fault that is the peer's
 * own. A refusal, or a target's error that a peer reports, is final and counts against nobody.
 */
import { ProxyError, REASONS } from '#errors.ts';
import type { Abort } from '#net/abort.ts';
import { type Leg, NOBODY } from '#net/leg.ts';
import type { Wish } from './balance.ts';
import { type ConnectReply, type ReplyObserver, readConnectReply } from './connect-reply.ts';
import { type DialObserver, dialPeer, type PeerTools } from './dial-peer.ts';
import { asPeerFault, isUnreached, noRoom, noteStop } from './fault.ts';
import type { Peer, Release } from './peer.ts';
import { PeerRefusal } from './refusal.ts';
import type { Selector } from './select.ts';

export interface PeerTunnel {
  readonly peer: Peer;
  readonly leg: Leg;
  readonly reply: ConnectReply;
  /** Address of the peer that was dialled. */
  readonly address: string;
  /** To be called when the tunnel is over. */
  readonly release: () => void;
}

/** How a client's wish is put to one peer. */
export type ComposeHead = (peer: Peer['options']) => string;

export interface PeerRequest {
  readonly selector: Selector;
  readonly wish: Wish;
  readonly composeHead: ComposeHead;
  /** Told of each peer before it is dialled. */
  readonly onTry?: (peer: Peer['options']) => void;
  /** How long the client waits in all, with what came before. A peer that was asked late in it is not to blame. @default 0 */
  readonly patienceMs?: number;
}

/**
 * One promise for all of it, whatever is tried.
 * @throws {PeerRefusal} what the peer answered
 * @throws {ProxyError} `peer_*` when no peer could be asked, `peers_full`, or the reason of `abort`
 */
export function connectThroughPeers(
  tools: PeerTools,
  request: PeerRequest,
  abort: Abort,
): Promise<PeerTunnel> {
  return new Promise((resolve, reject) => {
    new PeersConnect({ tools, request, abort, resolve, reject }).tryNext(undefined);
  });
}

/** Of a peer that nobody has occupied yet. */
function nothing(): void {}

interface Parts {
  readonly tools: PeerTools;
  readonly request: PeerRequest;
  readonly abort: Abort;
  readonly resolve: (tunnel: PeerTunnel) => void;
  readonly reject: (error: ProxyError) => void;
}

/** How often it is thought about whether a peer is there, once it has taken long to answer. */
const DOUBT_EVERY_MS = 100;

/** One peer at a time: dialled, asked, and let go where that came to nothing. */
class PeersConnect implements DialObserver, ReplyObserver {
  readonly #parts: Parts;
  readonly #order: readonly Peer[];
  #tried = 0;
  #release: () => void = nothing;
  #leg: Leg | undefined = undefined;
  #address = '';
  #askedMs = 0;
  /** Whether it goes by a connection that was opened ahead. */
  #isWarm = false;
  /** After which it may be that nobody reads what was asked. */
  #doubt: ReturnType<PeerTools['wheel']['deadline']> | undefined = undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { selector, wish } = parts.request;
    this.#order = selector.order(parts.tools.wheel.now(), wish);
  }

  /** `last` is why the peer before failed. */
  tryNext(last: ProxyError | undefined): void {
    const peer = this.#order[this.#tried];
    if (peer === undefined) {
      this.#parts.reject(last ?? noRoom());
      return;
    }
    this.#tried += 1;
    const entered = peer.enter();
    if (entered instanceof Promise) entered.then((release) => this.#onEntered(release, last));
    else this.#onEntered(entered, last);
  }

  /** Where there is no room for it, the peer is passed over, and nobody's fault is noted. */
  #onEntered(release: Release, last: ProxyError | undefined): void {
    const { request, abort, reject } = this.#parts;
    if (release === undefined) {
      this.tryNext(last);
      return;
    }
    this.#release = release;
    if (abort.reason !== undefined) {
      release();
      reject(abort.reason);
      return;
    }
    request.onTry?.(this.#peer.options);
    this.#askedMs = this.#parts.tools.wheel.now();
    const warm = this.#peer.warm?.take();
    this.#isWarm = warm !== undefined;
    if (warm === undefined) this.#dial();
    else this.#ask(warm.leg, warm.address);
  }

  #dial(): void {
    const { tools, abort } = this.#parts;
    const { options, tls } = this.#peer;
    dialPeer({ tools, options, tls, abort }, this);
  }

  onDialled(leg: Leg, address: string): void {
    this.#peer.reached();
    this.#ask(leg, address);
  }

  #ask(leg: Leg, address: string): void {
    const { request, abort } = this.#parts;
    this.#leg = leg;
    this.#address = address;
    leg.writeText(request.composeHead(this.#peer.options));
    if (this.#isWarm && !this.#isLast) this.#beginDoubt();
    readConnectReply(leg, abort, this);
  }

  /**
   * A connection that waited may be dead without knowing it. The one that takes its place was begun just before: in the time that
   * it has for connecting all know whether the peer is there. One that is there, whatever its faults, may be at work on the CONNECT.
   */
  #beginDoubt(): void {
    const { wheel, connectTimeoutMs } = this.#parts.tools;
    this.#doubt ??= wheel.deadline(this);
    this.#doubt.set(this.#peer.options.connectTimeoutMs ?? connectTimeoutMs);
  }

  /** Called by the wheel. */
  onDeadline(): void {
    const { options, isUnreached } = this.#peer;
    if (!isUnreached) {
      this.#doubt?.set(DOUBT_EVERY_MS);
      return;
    }
    this.#parts.abort.listen(undefined);
    this.#leg?.attach(NOBODY);
    this.onFault(asPeerFault(options, new ProxyError('connection_timeout')));
  }

  onReply(reply: ConnectReply): void {
    this.#doubt?.clear();
    const [peer, leg] = [this.#peer, this.#leg as Leg];
    if (reply.status >= 300) {
      this.onFault(new PeerRefusal(peer.options, reply));
      return;
    }
    peer.succeeded();
    this.#parts.resolve({ peer, leg, reply, address: this.#address, release: this.#release });
  }

  onFault(error: ProxyError): void {
    const { tools, request, abort, reject } = this.#parts;
    this.#doubt?.clear();
    this.#leg?.destroy();
    this.#leg = undefined;
    if (this.#isWarm && error.reason === 'peer_terminated' && abort.reason === undefined) {
      // It had died while it waited, as connections do that nobody uses: that says nothing of the peer.
      this.#isWarm = false;
      this.#dial();
      return;
    }
    this.#release();
    if (abort.reason !== undefined) {
      const { patienceMs = 0 } = request;
      noteStop(this.#peer, abort.reason, {
        askedMs: this.#askedMs,
        nowMs: tools.wheel.now(),
        patienceMs,
      });
      reject(abort.reason);
      return;
    }
    noteFault(this.#peer, error, tools);
    if (this.#isLast || !request.selector.mayRetry(error, tools.wheel.now())) reject(error);
    else this.tryNext(error);
  }

  get #isLast(): boolean {
    return this.#tried === this.#order.length;
  }

  /** The one that is being tried. */
  get #peer(): Peer {
    return this.#order[this.#tried - 1] as Peer;
  }
}

function noteFault(peer: Peer, error: ProxyError, tools: PeerTools): void {
  const now = tools.wheel.now();
  if (REASONS[error.reason].retryable) peer.failed(error.reason, now, isUnreached(error));
  else if (error instanceof PeerRefusal) peer.succeeded();
}
