/**
 * Plain HTTP over connections that are kept for more than one exchange. A connection is kept under the address that was checked, and
 * serves only who may go to that one, so that reuse never skips the check of where it leads; and never more than one exchange is on
 * it. Requests are written by a client of our own, but for those whose body is yet to come: streams are what undici is for
 * (docs/adr/0013).
 */
import type { Abort } from './abort.ts';
import { ExchangeError, type ExchangeRequest, type ResponseSink } from './exchange.ts';
import { KeptConnections } from './kept-connections.ts';
import { LegConnection } from './leg-connection.ts';
import { LegExchange } from './leg-exchange.ts';
import type { DialTools } from './opening.ts';
import { UndiciConnection } from './undici-connection.ts';

export class HttpPool {
  readonly #legs: KeptConnections<LegConnection>;
  readonly #undici: KeptConnections<UndiciConnection>;
  #isDestroyed = false;

  constructor(tools: DialTools) {
    this.#legs = new KeptConnections(tools.idle, (place, keeper) => new LegConnection(tools, place, keeper));
    this.#undici = new KeptConnections(
      tools.idle,
      (place, keeper) => new UndiciConnection(tools, place, keeper),
    );
  }

  /**
   * Carries out one exchange; resolves when the answer is complete.
   * @throws {ExchangeError}, or the reason of `abort`
   */
  exchange(request: ExchangeRequest, sink: ResponseSink, abort: Abort): Promise<void> {
    return new Promise((resolve, reject) => {
      abort.check();
      if (this.#isDestroyed) throw new ExchangeError('draining', 'connecting', 'The pool is destroyed');
      const parts = { sink, abort, resolve, reject };
      if (request.body === undefined) {
        const exchange = new LegExchange(request, parts);
        connectionFor(request, this.#legs).exchange(exchange);
      } else {
        connectionFor(request, this.#undici).exchange(request, parts);
      }
    });
  }

  /** Breaks every connection off. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    await Promise.all([this.#legs.destroy(), this.#undici.destroy()]);
  }
}

function connectionFor<Connection extends LegConnection | UndiciConnection>(
  request: ExchangeRequest,
  connections: KeptConnections<Connection>,
): Connection {
  const kept = request.isFresh ? undefined : connections.take(request);
  return kept ?? connections.open(request);
}
