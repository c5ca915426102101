/**
 * The connections of one listener: who reads each, from its first bytes on, and the clocks of those that are between
 * transactions. A connection that closes without a byte is no transaction.
 */
import { type AcceptedLeg, type Connection, openConnection } from './connection.ts';
import type { ProxyContext } from './context.ts';
import { handleConnect } from './handle.ts';
import { HeadClock } from './head-clock.ts';
import { HttpReader } from './http-reader.ts';
import { Intake } from './intake.ts';
import { keepAliveLines } from './leg-response.ts';
import { handlePlain } from './plain-requests.ts';
import type { QuickHead } from './quick-head.ts';
import { type PlainRequest, type RequestObserver, RequestReader } from './request-reader.ts';

/** Asked before a connection is read: whether it may be there. */
type Entrance = (connection: Connection) => Promise<boolean>;

interface Taken {
  readonly names?: ReadonlySet<string> | undefined;
  readonly entrance?: Entrance | undefined;
}

export class Clients implements RequestObserver {
  readonly #context: ProxyContext;
  readonly #intake: Intake;
  readonly #clock: HeadClock;
  readonly #http: HttpReader;
  #keepAlive = '';

  constructor(context: ProxyContext) {
    this.#intake = new Intake(context);
    this.#clock = new HeadClock(this.#intake);
    this.#context = context;
    context.crowd.join(this.#clock);
    this.#http = new HttpReader(this.#intake, (connection) => this.#beginLast(connection));
  }

  /** How long a connection may be silent between requests. */
  set keepAliveMs(ms: number) {
    this.#keepAlive = keepAliveLines(ms);
    this.#http.keepAliveMs = ms;
  }

  /**
   * Takes over a connection that `listener` has just accepted. `names` are those of the client's certificate; nothing of it is read
   * before `entrance` has said whether it may be there.
   */
  take(listener: string, leg: AcceptedLeg, { names, entrance }: Taken = {}): void {
    const connection = openConnection(listener, leg, names);
    if (connection === undefined || !this.#context.crowd.admits()) leg.destroy();
    else if (entrance === undefined) this.#begin(connection);
    else void this.#beginIf(entrance(connection), connection, leg);
  }

  #begin(connection: Connection): void {
    this.#clock.watch(connection);
    new RequestReader(connection, this).next();
  }

  async #beginIf(isIn: Promise<boolean>, connection: Connection, leg: AcceptedLeg): Promise<void> {
    if (!(await isIn)) leg.destroy();
    if (!leg.destroyed) this.#begin(connection);
  }

  /** Ends up to `count` connections that have been silent, or slow with a head, for `quietMs`. @returns how many */
  evict(count: number, quietMs: number): number {
    return this.#clock.evict(count, quietMs);
  }

  /** Ends those without a transaction now, and the others when theirs is done. */
  close(): void {
    this.#clock.close();
  }

  /** There are none any more, and none will come. */
  leave(): void {
    this.#context.crowd.leave(this.#clock);
  }

  /** Ends all, when no transaction is waited for any more; resolves when their records are written. */
  async end(): Promise<void> {
    await this.#clock.end();
    this.#intake.end();
  }

  onConnectHead(connection: Connection, head: QuickHead): void {
    const tx = this.#intake.begin(connection, head);
    if (tx === undefined) return;
    this.#beginLast(connection);
    void handleConnect(tx, head);
  }

  onPlain(connection: Connection, request: PlainRequest): void {
    const tx = this.#intake.begin(connection, request.head);
    if (tx !== undefined) handlePlain(tx, request, this.#keepAlive);
  }

  onHttp(connection: Connection, read: Buffer): void {
    this.#http.read(connection, read);
  }

  /** What has begun can only be the last of its connection, and has clocks of its own. */
  #beginLast(connection: Connection): void {
    connection.isToSwitch = true;
    this.#clock.unwatch(connection);
  }
}
