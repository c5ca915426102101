/**
 * TLS to one peer: what is shown to it, what it has to show, and the tickets by which it takes up a session again. TLS 1.3 and
 * nothing older; the peer's certificate is checked, and its name, whatever the configuration says.
 */
import net from 'node:net';
import tls from 'node:tls';
import type { BufferPool } from './buffers.ts';
import type { ConnectObserver } from './connecting.ts';
import type { TcpLeg } from './tcp-leg.ts';
import { ALPN, peerContext, type TlsPeerOptions } from './tls-context.ts';
import { tlsReasonOf } from './tls-fault.ts';
import { TlsLeg } from './tls-leg.ts';

/** A ticket is used once where there is another (RFC 8446 appendix C.4); peers give about two with each new session. */
const MAX_TICKETS = 16;
/** What a ticket takes up again is not checked anew: neither the peer's certificate by us nor ours by the peer. */
const TICKET_LIFE_MS = 300_000;

interface Ticket {
  readonly session: Buffer;
  readonly receivedMs: number;
}

export class TlsClient {
  readonly #serverName: string;
  readonly #context: tls.SecureContext;
  /** Oldest first. */
  #tickets: Ticket[] = [];
  /** Whether the peer takes them, as far as is known. */
  #isResuming = true;
  readonly #offering = new WeakSet<object>();

  /** @throws {Error} where OpenSSL does not take the certificates */
  constructor(options: TlsPeerOptions) {
    this.#serverName = options.serverName;
    this.#context = peerContext(options);
  }

  /** Tickets that are kept. */
  get tickets(): number {
    return this.#tickets.length;
  }

  /** Begins a handshake over `leg`, which is not to be used any more, and tells `observer` of its outcome. */
  secure(leg: TcpLeg, pool: BufferPool, observer: ConnectObserver): TlsLeg {
    const name = this.#serverName;
    const session = this.#takeTicket();
    const socket = tls.connect({
      socket: leg.toSocket({ allowHalfOpen: true }),
      secureContext: this.#context,
      // An address is no server name of TLS (RFC 6066 section 3).
      servername: net.isIP(name) === 0 ? name : '',
      checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
      ALPNProtocols: [...ALPN],
      ...(session && { session }),
    });
    socket.on('session', (ticket) => this.#keep(ticket));
    const secured = new TlsLeg(pool, socket);
    if (session !== undefined) this.#offering.add(secured);
    secured.awaitHandshake(observer);
    return secured;
  }

  /**
   * `leg` has failed by `error`: whether that may be for the ticket that it offered, so that it would go well without. Where an
   * alert says so none is offered any more: there are servers that give tickets and refuse who comes with one, such as Squid
   * without `sslcontext`.
   */
  blamesTicket(leg: object, error: NodeJS.ErrnoException): boolean {
    if (!this.#offering.has(leg)) return false;
    this.#tickets = [];
    if (tlsReasonOf(error.code ?? '') === 'tls_alert_received') this.#isResuming = false;
    return true;
  }

  #keep(session: Buffer): void {
    if (!this.#isResuming) return;
    this.#tickets.push({ session, receivedMs: performance.now() });
    if (this.#tickets.length > MAX_TICKETS) this.#tickets.shift();
  }

  /** The latest, which is valid for longest. */
  #takeTicket(): Buffer | undefined {
    const ticket = this.#tickets.at(-1);
    if (ticket === undefined) return undefined;
    if (performance.now() - ticket.receivedMs >= TICKET_LIFE_MS) {
      this.#tickets = [];
      return undefined;
    }
    if (this.#tickets.length > 1) this.#tickets.pop();
    return ticket.session;
  }
}
