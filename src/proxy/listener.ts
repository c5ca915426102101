/**
 * One listening address: binds it, and makes each connection that it accepts a leg for {@link Clients}, where it speaks TLS by way
 * of a handshake.
 */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Timeouts } from '#config/config.ts';
import type { Reason } from '#errors.ts';
import { type IpAddress, type Network, parseSystemIp } from '#net/ip.ts';
import type { Account } from '#net/ledger.ts';
import { onAccepted, type TcpHandle } from '#net/tcp-handle.ts';
import { TcpLeg } from '#net/tcp-leg.ts';
import type { TlsListenerOptions } from '#net/tls-context.ts';
import { Seldom } from '#record/seldom.ts';
import { Clients } from './clients.ts';
import type { Connection } from './connection.ts';
import type { ProxyContext } from './context.ts';
import { Handshakes } from './handshakes.ts';
import { ProxyHeaders } from './proxy-headers.ts';
import { Turnstile, type TurnstileOptions, Visit } from './turnstile.ts';

export interface ListenOptions extends TurnstileOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Name of a socket that is handed over. @default one is bound */
  readonly socket?: string;
  /** Networks whose connections begin with a PROXY header; undefined: none does. */
  readonly proxyProtocol?: { readonly from: readonly Network[] } | undefined;
  /** Undefined: without TLS. */
  readonly tls?: TlsListenerOptions | undefined;
}

/** Silent connections that end when none can be accepted. */
const MAX_SHED = 64;
const REPORT_EVERY_MS = 10_000;
/** Who has just connected is about to ask for something. */
const LONG_SILENT_MS = 1000;

export class Listener implements Account {
  #options: ListenOptions;
  #turnstile: Turnstile | undefined = undefined;
  readonly #context: ProxyContext;
  readonly #server = net.createServer();
  readonly #clients: Clients;
  readonly #faults = new Seldom(REPORT_EVERY_MS);
  readonly #headers: ProxyHeaders;
  /** Undefined: without TLS. */
  #handshakes: Handshakes | undefined = undefined;
  /** Connections that are open. */
  #open = 0;
  /** Set when it takes no more. */
  #onClosed: (() => void) | undefined = undefined;

  constructor(context: ProxyContext, options: ListenOptions) {
    this.#context = context;
    this.#options = options;
    this.options = options;
    this.#clients = new Clients(context);
    this.#headers = new ProxyHeaders(context, () => this.options.name);
    this.configure(context.generation.config.timeouts);
  }

  get options(): ListenOptions {
    return this.#options;
  }

  /** What may change while it listens; connections keep the name, and the bounds, that they were accepted under. */
  set options(options: ListenOptions) {
    const { name, maxConnections, maxConnectionsPerClient } = options;
    const isBounded = maxConnections !== undefined || maxConnectionsPerClient !== undefined;
    if (!isBounded) this.#turnstile = undefined;
    else if (this.#turnstile === undefined || !isSameBound(options, this.#options)) {
      this.#turnstile = new Turnstile(name, options, this.#context.limitStore);
    }
    this.#options = options;
  }

  /** Where it listens; the port is the real one where 0 was asked for. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** Accepts on a bound `socket`, or binds its own. @throws {NodeJS.ErrnoException} where the address cannot be bound */
  async listen(socket?: { readonly fd: number }): Promise<void> {
    const { host, port } = this.#options;
    await once(this.#server.listen(socket ?? { host, port }, 4096), 'listening');
    this.#server.on('error', (err) => this.#shed(err));
    onAccepted(this.#server, (handle) => this.#accept(handle));
  }

  /** Takes over what can change while it listens. */
  configure({ keepAlive, head: timeoutMs }: Timeouts): void {
    this.#clients.keepAliveMs = keepAlive;
    this.#headers.from = this.options.proxyProtocol?.from;
    const { name: listener, tls } = this.options;
    if (tls === undefined) {
      this.#handshakes?.close();
      this.#handshakes = undefined;
    } else if (this.#handshakes === undefined) {
      this.#handshakes = new Handshakes(this.#context, { listener, tls, timeoutMs });
    } else {
      this.#handshakes.configure({ listener, tls, timeoutMs });
    }
  }

  /** Takes no more connections, and lets those go on that it has. */
  stopAccepting(): void {
    this.#server.close();
  }

  /**
   * Takes no more connections; those without a transaction end now, the others when theirs is done.
   * `onClosed` is told when none is left.
   */
  close(onClosed = (): void => {}): void {
    this.#server.close();
    this.#headers.close();
    this.#handshakes?.close();
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

  /** Somebody wants to connect, and cannot: most likely for want of file descriptors, which those have who are silent. */
  #shed(err: Error): void {
    const { tools, log } = this.#context;
    tools.idle.closeAll();
    this.#clients.evict(MAX_SHED, 0);
    this.#faults.run((suppressed) => log.error({ err, suppressed }, 'Listener failed'));
  }

  #accept(handle: TcpHandle): void {
    const { ledger, pool } = this.#context.tools;
    ledger.countOpened('client');
    this.#open += 1;
    const visit = this.#turnstile && new Visit(this.#turnstile, this);
    const leg = new TcpLeg(pool, visit ?? this, handle);
    if (this.#headers.isDue(leg)) this.#headers.read(leg, (proxied) => this.#take(proxied, visit));
    else this.#take(leg, visit);
  }

  /** Its client is known now; where there is TLS it says who it is after a handshake, which is for a place as well. */
  #take(leg: TcpLeg, visit: Visit | undefined): void {
    const { name } = this.#options;
    const handshakes = this.#handshakes;
    if (handshakes === undefined) {
      const entrance = visit && ((connection: Connection) => this.#pass(connection, visit));
      this.#clients.take(name, leg, { entrance });
      return;
    }
    const begin = (refusal?: Reason): void =>
      handshakes.begin(leg, {
        place: refusal === undefined ? visit : undefined,
        onSecured: ({ leg: secured, names }) => {
          const entrance =
            visit &&
            (async (connection: Connection) => {
              note(connection, visit, refusal);
              return true;
            });
          this.#clients.take(name, secured, { names, entrance });
        },
      });
    if (visit === undefined) begin();
    else void this.#passAhead(leg, visit, begin);
  }

  /** As {@link #pass} before a handshake, which is for who has a place, or is to be told after it that there is none. */
  async #passAhead(leg: TcpLeg, visit: Visit, begin: (refusal?: Reason) => void): Promise<void> {
    const { remote } = leg;
    const client = remote && parseSystemIp(remote.address);
    const refusal = client && (await this.#enter(client, visit));
    const mayStay = client !== undefined && (refusal === undefined || visit.leaveUntold());
    // It may have ended while it waited, which no handshake would notice.
    if (mayStay && !leg.destroyed && !leg.ended) begin(refusal);
    else leg.destroy();
  }

  /** Whether a connection may be there, be it to be told that there is no place for it. */
  async #pass(connection: Connection, visit: Visit): Promise<boolean> {
    const refusal = await this.#enter(connection.clientAddress, visit);
    note(connection, visit, refusal);
    return refusal === undefined || visit.leaveUntold();
  }

  /**
   * Takes a place. Where the listener is full a handshake that is slow makes room, or else the one that is silent for longest, as in
   * a {@link Crowd}. @returns why there is none
   */
  async #enter(client: IpAddress, visit: Visit): Promise<Reason | undefined> {
    let reason = await visit.enter(client);
    if (reason === 'connections_exceeded' && this.#makeRoom()) {
      visit.leave();
      reason = await visit.enter(client);
    }
    if (reason !== undefined) this.#context.crowd.turnAway(reason);
    return reason;
  }

  #makeRoom(): boolean {
    if (this.#handshakes?.evictSlow(LONG_SILENT_MS)) return true;
    return this.#clients.evict(1, LONG_SILENT_MS) > 0;
  }
}

/** What it has at the listener is known, and why it has no place where it has none. */
function note(connection: Connection, visit: Visit, refusal: Reason | undefined): void {
  connection.place = visit;
  connection.refusal = refusal;
}

function isSameBound(a: ListenOptions, b: ListenOptions): boolean {
  const isSame = a.maxConnections === b.maxConnections && a.name === b.name;
  return isSame && a.maxConnectionsPerClient === b.maxConnectionsPerClient;
}
