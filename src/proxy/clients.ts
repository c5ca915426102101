/**
 * The connections of one listener: who reads each, from its first bytes on, and the clocks of those that are between
 * transactions. A connection that closes without a byte is no transaction.
 */
import type { TcpLeg } from '#net/tcp-leg.ts';
import type { ConnectHead } from './connect-head.ts';
import { type Connection, openConnection } from './connection.ts';
import type { ProxyContext } from './context.ts';
import type { Crowd } from './crowd.ts';
import { FirstBytes, type FirstBytesObserver } from './first-bytes.ts';
import { handleConnect } from './handle.ts';
import { HeadClock } from './head-clock.ts';
import { HttpReader } from './http-reader.ts';
import { Intake } from './intake.ts';

export class Clients implements FirstBytesObserver {
  readonly #crowd: Crowd;
  readonly #intake: Intake;
  readonly #clock: HeadClock;
  readonly #http: HttpReader;

  constructor(context: ProxyContext) {
    this.#intake = new Intake(context);
    this.#clock = new HeadClock(this.#intake);
    this.#crowd = context.crowd;
    this.#crowd.join(this.#clock);
    this.#http = new HttpReader(this.#intake, (connection) => this.#beginLast(connection));
  }

  /** How long a connection may be silent between requests. */
  set keepAliveMs(ms: number) {
    this.#http.keepAliveMs = ms;
  }

  /** Takes over a connection that `listener` has just accepted. */
  take(listener: string, leg: TcpLeg): void {
    const connection = openConnection(listener, leg);
    if (connection === undefined || !this.#crowd.admits()) {
      leg.destroy();
      return;
    }
    this.#clock.watch(connection);
    leg.attach(new FirstBytes(connection, this));
    leg.resume();
  }

  /** Ends those without a transaction now, and the others when theirs is done. */
  close(): void {
    this.#clock.close();
  }

  /** Ends all, when no transaction is waited for any more; resolves when their records are written. */
  async end(): Promise<void> {
    await this.#clock.end();
    this.#intake.end();
    this.#crowd.leave(this.#clock);
  }

  onConnectHead(connection: Connection, head: ConnectHead): void {
    const tx = this.#intake.begin(connection, head);
    if (tx === undefined) return;
    this.#beginLast(connection);
    void handleConnect(tx, head);
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
