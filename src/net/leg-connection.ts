/**
 * One connection to a next hop, kept between exchanges: a leg and who it is for. What comes while no exchange is under way on
 * it closes it; an exchange that was to begin then gets another.
 *
 *   opening --opened--> in use --answer is whole--> free --a turn--> idle --exchange()--> waiting --a turn--> in use
 *   any --closed--> over
 */
import { AnswerReader } from './answer-reader.ts';
import { ExchangeError } from './exchange.ts';
import type { Closable } from './idle-sockets.ts';
import type { Keepable, Keeper, NextHop } from './kept-connections.ts';
import type { Leg, Sink } from './leg.ts';
import type { LegCarrier, LegExchange } from './leg-exchange.ts';
import { KEEP_ALIVE_MS } from './limits.ts';
import type { DialTools, Opening, UpstreamLeg } from './opening.ts';
import { type Dial, openAny, type RaceObserver } from './race.ts';
import type { Deadline, Timed } from './wheel.ts';

export class LegConnection implements Sink, RaceObserver, LegCarrier, Keepable, Timed {
  /** Until it is open, one of those that it may come to lead to. */
  address: string;
  readonly port: number;
  readonly source: string | undefined;
  readonly tls: NextHop['tls'];
  readonly reader = new AnswerReader();
  readonly #tools: DialTools;
  readonly #keeper: Keeper<LegConnection>;
  /** Of an exchange that is under way, the next look; else the end of the time that it is kept. */
  readonly #deadline: Deadline;
  #opening: Dial | undefined = undefined;
  #leg: UpstreamLeg | undefined = undefined;
  /** Until the connection is open, or what had come before it is read. */
  #waiting: LegExchange | undefined = undefined;
  #underWay: LegExchange | undefined = undefined;
  isOpen = true;
  isReused = false;
  previous: Closable | undefined = undefined;
  next: Closable | undefined = undefined;

  constructor(tools: DialTools, { address, port, source, tls }: NextHop, keeper: Keeper<LegConnection>) {
    this.#tools = tools;
    this.address = address;
    this.port = port;
    this.source = source;
    this.tls = tls;
    this.#keeper = keeper;
    this.#deadline = tools.wheel.deadline(this);
  }

  /** Carries out one exchange; not to be called while there is another. */
  exchange(exchange: LegExchange): void {
    this.#waiting = exchange;
    exchange.board(this);
    if (this.#leg === undefined) {
      const { address, others, port, source, tls, connectTimeoutMs: timeoutMs } = exchange.request;
      this.#opening = openAny(this.#tools, { address, others, port, source, tls, timeoutMs }, this);
    } else {
      // What this turn still brings is read before the request is sent: it is no answer to it, and an end is seen while another
      // connection can be had. What comes while that is done is seen too late, and told as `stale`.
      setImmediate(beginOn, this);
    }
  }

  /** Breaks it off. */
  destroy(): void {
    const exchange = this.#underWay ?? this.#waiting;
    if (exchange === undefined) this.drop();
    else exchange.fail(new ExchangeError('draining', exchange.phase, 'Destroyed'));
  }

  /** Called by the wheel. */
  onDeadline(): void {
    if (this.#underWay === undefined) this.#lose();
    else this.#watch(this.#underWay);
  }

  /** Called by the opening. */
  onDial(address: string): void {
    this.#waiting?.onDial(address);
  }

  /** Called by the opening. */
  onOpened(leg: UpstreamLeg, { target }: Opening): void {
    this.#opening = undefined;
    this.address = target.address;
    this.#leg = leg;
    // It may be kept, or be silent amid an exchange, for longer than firewalls remember it.
    leg.keepAlive(KEEP_ALIVE_MS);
    leg.attach(this);
    leg.resume();
    this.begin();
  }

  /** Called by the opening. */
  onFailed(error: NodeJS.ErrnoException): void {
    this.#opening = undefined;
    this.#waiting?.broken(error);
  }

  /** Called a turn of the event loop after {@link exchange}. */
  begin(): void {
    const exchange = this.#waiting;
    if (exchange === undefined) return;
    this.#waiting = undefined;
    this.#underWay = exchange;
    this.#watch(exchange);
    exchange.begin();
  }

  write(text: string): void {
    this.#leg?.writeText(text);
  }

  resume(): void {
    this.#leg?.resume();
  }

  free(keptMs: number): void {
    this.#underWay = undefined;
    this.isReused = true;
    if (keptMs === 0) {
      this.drop();
      return;
    }
    this.#leg?.quieten();
    this.#deadline.set(keptMs);
    // Only then: a next hop that closes behind its answer is not asked again.
    setImmediate(rest, this);
  }

  drop(): void {
    this.#waiting = undefined;
    this.#underWay = undefined;
    this.isOpen = false;
    this.#deadline.clear();
    this.#opening?.stop(new Error('Given up'));
    this.#leg?.destroy();
    this.#keeper.over(this);
  }

  /** Called a turn of the event loop after {@link free}. */
  rest(): void {
    if (this.isOpen) this.#keeper.idle(this);
  }

  /** Called by the leg. */
  onChunk(_leg: Leg, chunk: Buffer): boolean {
    if (this.#underWay !== undefined) return this.#underWay.read(this, chunk);
    this.#lose();
    return false;
  }

  /** Called by the leg. */
  onEnd(): void {
    if (this.#underWay === undefined) this.#lose();
    else this.#underWay.end(this);
  }

  /** Called by the leg. */
  onClose(_leg: Leg, error: Error | undefined): void {
    if (!this.isOpen) return;
    if (this.#underWay === undefined) this.#lose();
    else this.#underWay.broken(error);
  }

  #lose(): void {
    const waiting = this.#waiting;
    this.drop();
    if (waiting !== undefined) this.#keeper.open(waiting.request).exchange(waiting);
  }

  #watch(exchange: LegExchange): void {
    const bytes = (this.#leg as UpstreamLeg).bytesRead;
    const nextMs = exchange.checkSilence(this.#tools.wheel.now(), bytes);
    if (this.isOpen) this.#deadline.set(nextMs);
  }
}

function beginOn(connection: LegConnection): void {
  connection.begin();
}

function rest(connection: LegConnection): void {
  connection.rest();
}
