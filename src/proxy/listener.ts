/** One listening address: binds it, and makes each connection that it accepts a leg for {@link Clients}. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Timeouts } from '#config/config.ts';
import type { Network } from '#net/ip.ts';
import type { Account } from '#net/ledger.ts';
import { onAccepted, type TcpHandle } from '#net/tcp-handle.ts';
import { TcpLeg } from '#net/tcp-leg.ts';
import { Clients } from './clients.ts';
import type { ProxyContext } from './context.ts';
import { Intake } from './intake.ts';
import { ProxyHeaders } from './proxy-headers.ts';

export interface ListenOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Networks whose connections begin with a PROXY header; undefined: none does. */
  readonly proxyProtocol?: { readonly from: readonly Network[] } | undefined;
}

export class Listener implements Account {
  /** The name may change; connections keep the one they were accepted under. */
  options: ListenOptions;
  readonly #context: ProxyContext;
  readonly #server = net.createServer();
  readonly #clients: Clients;
  readonly #headers: ProxyHeaders;
  /** Connections that are open. */
  #open = 0;
  /** Set when it takes no more. */
  #onClosed: (() => void) | undefined = undefined;

  constructor(context: ProxyContext, options: ListenOptions) {
    this.#context = context;
    this.options = options;
    this.#clients = new Clients(context);
    this.#headers = new ProxyHeaders(new Intake(context), () => this.options.name);
    this.configure(context.generation.config.timeouts);
  }

  /** Where it listens; the port is the real one where 0 was asked for. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** Accepts on a bound `socket`, or binds its own. @throws {NodeJS.ErrnoException} where the address cannot be bound */
  async listen(socket?: { readonly fd: number }): Promise<void> {
    const { host, port } = this.options;
    await once(this.#server.listen(socket ?? { host, port }, 4096), 'listening');
    this.#server.on('error', (err) => this.#context.log.error({ err }, 'Listener failed'));
    onAccepted(this.#server, (handle) => this.#accept(handle));
  }

  /** Takes over what can change while it listens. */
  configure({ keepAlive }: Timeouts): void {
    this.#clients.keepAliveMs = keepAlive;
    this.#headers.from = this.options.proxyProtocol?.from;
  }

  /**
   * Takes no more connections; those without a transaction end now, the others when theirs is done.
   * `onClosed` is told when none is left.
   */
  close(onClosed = (): void => {}): void {
    this.#server.close();
    this.#headers.close();
    this.#clients.close();
    this.#onClosed = onClosed;
    this.#tellIfClosed();
  }

  /** One of its connections is closed. */
  countClosed(): void {
    this.#context.tools.ledger.countClosed('client');
    this.#open -= 1;
    this.#tellIfClosed();
  }

  #tellIfClosed(): void {
    if (this.#open > 0 || this.#onClosed === undefined) return;
    this.#clients.leave();
    this.#onClosed();
  }

  /** Ends every connection, when no transaction is waited for any more; resolves when their records are written. */
  end(): Promise<void> {
    return this.#clients.end();
  }

  #accept(handle: TcpHandle): void {
    const { ledger, pool } = this.#context.tools;
    ledger.countOpened('client');
    this.#open += 1;
    const leg = new TcpLeg(pool, this, handle);
    if (this.#headers.isDue(leg)) this.#headers.read(leg, (proxied) => this.#take(proxied));
    else this.#take(leg);
  }

  #take(leg: TcpLeg): void {
    this.#clients.take(this.options.name, leg);
  }
}
