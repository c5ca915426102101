/** One listening address: binds it, and makes each connection that it accepts a leg for {@link Clients}. */
import net, { type AddressInfo } from 'node:net';
import type { Timeouts } from '#config/config.ts';
import { Leg } from '#net/leg.ts';
import { type Handle, onAccepted, socketOf } from '#net/takeover.ts';
import { Clients } from './clients.ts';
import type { ProxyContext } from './context.ts';

export interface ListenOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export class Listener {
  /** The name may change; connections keep the one they were accepted under. */
  options: ListenOptions;
  readonly #context: ProxyContext;
  readonly #server = net.createServer();
  readonly #clients: Clients;

  constructor(context: ProxyContext, options: ListenOptions) {
    this.#context = context;
    this.options = options;
    this.#clients = new Clients(context);
    this.configure(context.generation.config.timeouts);
  }

  /** Where it listens; the port is the real one where 0 was asked for. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** Accepts on a bound `socket`, or binds its own. @throws {NodeJS.ErrnoException} where the address cannot be bound */
  listen(socket?: { readonly fd: number }): Promise<void> {
    const { host, port } = this.options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(socket ?? { host, port }, 4096, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (err) => this.#context.log.error({ err }, 'Listener failed'));
        onAccepted(this.#server, (handle) => this.#accept(handle));
        resolve();
      });
    });
  }

  /** Takes over what can change while it listens. */
  configure({ keepAlive }: Timeouts): void {
    this.#clients.keepAliveMs = keepAlive;
  }

  /**
   * Takes no more connections; those without a transaction end now, the others when theirs is done.
   * `onClosed` is told when none is left.
   */
  close(onClosed?: () => void): void {
    this.#server.close(onClosed);
    this.#clients.close();
  }

  /** Ends every connection, when no transaction is waited for any more; resolves when their records are written. */
  end(): Promise<void> {
    return this.#clients.end();
  }

  #accept(handle: Handle): void {
    const { ledger, pool } = this.#context.tools;
    const leg = new Leg(pool, (onread) => socketOf(this.#server, handle, onread));
    ledger.track('client', leg.socket);
    this.#clients.take(this.options.name, leg);
  }
}
