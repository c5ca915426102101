/**
 * Plain HTTP over connections that are kept for more than one exchange. A connection is kept under the address that was
 * checked, so reuse never skips the check of where it leads; and never more than one exchange is on it.
 */
import type { Abort } from './abort.ts';
import { ExchangeError, type ExchangeRequest, type ResponseSink } from './exchange.ts';
import type { DialTools } from './opening.ts';
import { type Keeper, UndiciConnection } from './undici-connection.ts';

export class HttpPool implements Keeper {
  readonly #tools: DialTools;
  readonly #connections = new Set<UndiciConnection>();
  /** By where they lead; the one used last at the end. None of a place is left where all its connections are over. */
  readonly #idle = new Map<string, UndiciConnection[]>();
  #isDestroyed = false;

  constructor(tools: DialTools) {
    this.#tools = tools;
  }

  /**
   * Carries out one exchange; resolves when the answer is complete.
   * @throws {ExchangeError}, or the reason of `abort`
   */
  exchange(request: ExchangeRequest, sink: ResponseSink, abort: Abort): Promise<void> {
    return new Promise((resolve, reject) => {
      abort.check();
      if (this.#isDestroyed) throw new ExchangeError('draining', 'connecting', 'The pool is destroyed');
      const host = request.address.includes(':') ? `[${request.address}]` : request.address;
      const origin = `http://${host}:${request.port}`;
      const kept = request.isFresh ? undefined : this.#takeIdle(origin);
      const connection = kept ?? this.#open(origin);
      connection.exchange(request, { sink, abort, resolve, reject });
    });
  }

  /** Breaks every connection off. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    await Promise.all([...this.#connections].map((connection) => connection.destroy()));
  }

  /** For {@link UndiciConnection} only. */
  idle(connection: UndiciConnection): void {
    const others = this.#idle.get(connection.origin);
    if (others === undefined) this.#idle.set(connection.origin, [connection]);
    else others.push(connection);
  }

  /** For {@link UndiciConnection} only. */
  over(connection: UndiciConnection): void {
    this.#connections.delete(connection);
    const others = this.#idle.get(connection.origin)?.filter((other) => other !== connection);
    if (others === undefined) return;
    if (others.length === 0) this.#idle.delete(connection.origin);
    else this.#idle.set(connection.origin, others);
  }

  /** The one used last, so that the others can grow old. */
  #takeIdle(origin: string): UndiciConnection | undefined {
    const kept = this.#idle.get(origin);
    let connection = kept?.pop();
    while (connection?.isOpen === false) connection = kept?.pop();
    return connection;
  }

  #open(origin: string): UndiciConnection {
    const connection = new UndiciConnection(this.#tools, origin, this);
    this.#connections.add(connection);
    return connection;
  }
}
