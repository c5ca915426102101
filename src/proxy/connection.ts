/** One client's TCP connection, under which its transactions happen one after the other. */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { ProxyError, Reason } from '#errors.ts';
import type { Abort } from '#net/abort.ts';
import { type IpAddress, parseSystemIp } from '#net/ip.ts';
import type { Leg } from '#net/leg.ts';
import { KEEP_ALIVE_MS } from '#net/limits.ts';
import type { Member } from '#net/list.ts';
import { TcpLeg } from '#net/tcp-leg.ts';
import type { TlsLeg } from '#net/tls-leg.ts';
import { DROP, EarlyBytes, HTTP_FEED } from './client-leg.ts';

/** What a connection of a client is at first. */
export type AcceptedLeg = TcpLeg | TlsLeg;

/** Who the client is, as far as its connection tells. */
interface Client {
  readonly ip: IpAddress;
  readonly port: number;
  readonly certificate: ReadonlySet<string> | undefined;
}

/** A transaction, as far as its connection knows it. */
export interface UnderWay {
  readonly abort: Abort;
  /** Told that those before it have ended, where it waits for that. */
  onTurn: (() => void) | undefined;
}

/** What it needs to know of a request: whether it is read to its end. */
export interface Incoming {
  readonly complete: boolean;
}

/** An answer under way, as far as its connection has to wake it. */
interface Answer {
  emit(event: 'drain'): boolean;
}

/** Requests that a client may send ahead of their answers; a flood of them would have no other bound. */
export const MAX_PIPELINED = 64;

export class Connection implements Member<Connection> {
  /** Neighbours among those whose silence is watched, and whether a partial head was seen at the last look. */
  previous: Connection | undefined = undefined;
  next: Connection | undefined = undefined;
  hadPartialHead = false;
  readonly listener: string;
  leg: Leg;
  /** As it was accepted. */
  readonly #accepted: AcceptedLeg;
  /** What Node's HTTP reads, where it does. */
  #socket: Socket | undefined = undefined;
  readonly clientAddress: IpAddress;
  readonly clientPort: number;
  /** Names that the client's certificate carries; undefined where it has shown none. */
  readonly clientCert: ReadonlySet<string> | undefined;
  /** Transactions that have begun and not ended, oldest first; more than one where the client pipelines. */
  readonly #underWay: UnderWay[] = [];
  /** Why it is there only to be told that there is no place for it. */
  refusal: Reason | undefined = undefined;
  /** What it has at its listener, where that is bounded: given up at once where it makes room, though TLS closes later. */
  place: { leave(): void } | undefined = undefined;
  /** It may become a tunnel, in which a FIN is a FIN. */
  isToSwitch = false;
  /** The answer whose turn it is. */
  answering: Answer | undefined = undefined;
  #isKeptAlive = false;
  #lastRequest: Incoming | undefined = undefined;
  #receivedBefore = 0;
  #sentBefore = 0;
  /** Bytes of all messages before; more than that is the beginning of a head. */
  #idleBytesRead = 0;
  #quietSinceMs = performance.now();

  constructor(listener: string, leg: AcceptedLeg, client: Client) {
    this.listener = listener;
    this.leg = leg;
    this.#accepted = leg;
    this.clientAddress = client.ip;
    this.clientPort = client.port;
    this.clientCert = client.certificate;
    // What a load balancer said in front of it is nobody's request. Within TLS it is not counted.
    if (leg instanceof TcpLeg) this.#receivedBefore = this.#taken();
    this.#idleBytesRead = this.#receivedBefore;
  }

  /** How many transactions are under way. */
  get active(): number {
    return this.#underWay.length;
  }

  /** Whether the last answer is given, so that what the client still sends is nobody's. */
  get isOver(): boolean {
    return !this.leg.isWritable;
  }

  /** It waits for a tunnel: what comes early is kept, and `abort` is told when the client leaves. */
  awaitTunnel(abort: Abort): void {
    this.leg.attach(new EarlyBytes(abort));
  }

  /** Nothing that still comes is wanted. */
  drop(): void {
    this.leg.attach(DROP);
  }

  /** Node's HTTP reads it from now on, by the Socket that is returned; `read` is what has been read before. */
  becomeHttp(read: Buffer): Socket {
    const leg = this.#accepted.toSocketLeg();
    leg.attach(HTTP_FEED);
    leg.socket.unshift(read);
    this.leg = leg;
    this.#socket = leg.socket;
    return leg.socket;
  }

  /** One may be silent amid an exchange for longer than firewalls remember it. The kernel is told once. */
  keepAlive(): void {
    if (!this.#isKeptAlive) this.leg.keepAlive(KEEP_ALIVE_MS);
    this.#isKeptAlive = true;
  }

  /** It has become a tunnel: what was known of its requests is let go, and so are Node's clocks for them. */
  becomeTunnel(): void {
    this.#socket?.setTimeout(0);
    this.#lastRequest = undefined;
    this.answering = undefined;
  }

  /** A head has been read; its body, if any, follows. */
  requestBegan(request: Incoming): void {
    this.#lastRequest = request;
  }

  /** Whether it is not between two requests: one is under way or half read, or its last answer is on the way out. */
  get isBusy(): boolean {
    return this.active > 0 || this.isReadingBody || this.leg.writableEnded;
  }

  /** Whether the body of a request is still to come. */
  get isReadingBody(): boolean {
    return this.#lastRequest?.complete === false;
  }

  /** Stops everything that is under way on it. */
  abortAll(error: ProxyError): void {
    for (const { abort } of [...this.#underWay]) abort.abort(error);
  }

  /** The transaction whose request came last, while it is under way. */
  get youngest(): UnderWay | undefined {
    return this.#underWay.at(-1);
  }

  begin(transaction: UnderWay): void {
    this.#underWay.push(transaction);
  }

  /** Resolves when all that began before `transaction` has ended; undefined: nothing has to. */
  turnOf(transaction: UnderWay): Promise<void> | undefined {
    if (this.#underWay[0] === transaction) return undefined;
    return new Promise((resolve) => {
      transaction.onTurn = resolve;
    });
  }

  end(transaction: UnderWay): void {
    // Nearly always it is alone. V8 would take the room of an array that is shifted, and make it anew for the next.
    if (this.#underWay.length === 1) this.#underWay.pop();
    else this.#underWay.splice(this.#underWay.indexOf(transaction), 1);
    this.messageEnded();
    // It leads to the transaction and to the generation that judged it.
    if (this.active === 0) this.answering = undefined;
    this.#underWay[0]?.onTurn?.();
  }

  /** What comes from now on is the next request. */
  messageEnded(): void {
    this.#idleBytesRead = this.#taken();
    this.#quietSinceMs = performance.now();
  }

  /** Bytes that came, but for those that are kept for the next request. A method: V8 calls private getters by way of its runtime. */
  #taken(): number {
    return this.leg.received - this.leg.heldBytes;
  }

  /** Whether a head has begun to come and is not complete, or was not when the connection broke. */
  get hasPartialHead(): boolean {
    return !this.isBusy && this.leg.received > this.#idleBytesRead;
  }

  /** How long it has been in its present state, silent or with a partial head. */
  quietMs(nowMs: number): number {
    return nowMs - this.#quietSinceMs;
  }

  /** From now on the time of a partial head counts. */
  headBegan(nowMs: number): void {
    this.#quietSinceMs = nowMs;
  }

  /** Bytes since the last call, both ways. */
  takeBytes(): { fromClient: number; toClient: number } {
    const { sent } = this.leg;
    const received = this.#taken();
    const taken = { fromClient: received - this.#receivedBefore, toClient: sent - this.#sentBefore };
    this.#receivedBefore = received;
    this.#sentBefore = sent;
    return taken;
  }
}

/** Undefined where the client is gone before it could be asked who it is. */
export function openConnection(
  listener: string,
  leg: AcceptedLeg,
  certificate?: ReadonlySet<string>,
): Connection | undefined {
  const { remote } = leg;
  const ip = remote && parseSystemIp(remote.address);
  return ip && new Connection(listener, leg, { ip, port: remote.port, certificate });
}
