/**
 * TLS with the clients of one listener, as far as the handshake: bounded in time by `timeouts.head`, in number as all connections
 * of clients are. One that fails is no transaction; it is counted, and its cause is in the log: at level warn, once in a while, where
 * a certificate was refused here, and else at level debug.
 */
import type net from 'node:net';
import tls from 'node:tls';
import { certificateNames } from '#match/certificate-names.ts';
import type { Place } from '#net/leg.ts';
import { socketBeneath } from '#net/tcp-handle.ts';
import type { TcpLeg } from '#net/tcp-leg.ts';
import { ALPN, LISTENER_TLS, type TlsListenerOptions, ticketSettings } from '#net/tls-context.ts';
import { type TlsReason, tlsFaultText, tlsReasonOf } from '#net/tls-fault.ts';
import { TlsLeg } from '#net/tls-leg.ts';
import { Seldom } from '#record/seldom.ts';
import type { ProxyContext } from './context.ts';
import type { Evictor } from './crowd.ts';

/** Why a handshake failed; the label of a metric. */
export type HandshakeCause = (typeof HANDSHAKE_CAUSES)[number];

export const HANDSHAKE_CAUSES = ['timeout', 'closed', 'certificate', 'alert', 'protocol'] as const;

const CAUSES: Readonly<Record<TlsReason, HandshakeCause>> = {
  tls_certificate_error: 'certificate',
  tls_alert_received: 'alert',
  tls_protocol_error: 'protocol',
};

/** A client whom the handshake has let in. */
export interface Secured {
  readonly leg: TlsLeg;
  /** Of its certificate, where one is asked for. */
  readonly names: ReadonlySet<string> | undefined;
}

/** Strangers may be refused all day. */
const REPORT_EVERY_MS = 10_000;

type OnSecured = (secured: Secured) => void;

interface Wanted {
  readonly onSecured: OnSecured;
  /** What it has at its listener, where that is bounded: given up at once where it makes room. */
  readonly place: { leave(): void } | undefined;
}

interface UnderWay extends Wanted {
  readonly sinceMs: number;
  /** Whom a load balancer named. */
  readonly client: Place | undefined;
  /** Of the client; a connection that is closed does not tell. */
  readonly address: string | undefined;
}

export interface HandshakeOptions {
  /** Name of the listener. */
  readonly listener: string;
  readonly tls: TlsListenerOptions;
  readonly timeoutMs: number;
}

export class Handshakes implements Evictor {
  /** Who is no further has lost least. */
  readonly goesFirst = true;
  readonly #context: ProxyContext;
  /** Of those that are under way the Sockets beneath, oldest first, each with the client that a load balancer named. */
  readonly #underWay = new Map<net.Socket, UnderWay>();
  readonly #refusals = new Seldom(REPORT_EVERY_MS);
  #isClosed = false;
  /** Never listens. */
  #server: tls.Server;

  /** @throws {Error} where OpenSSL does not take the certificates; the configuration's checks say so first */
  constructor(context: ProxyContext, options: HandshakeOptions) {
    this.#context = context;
    this.#server = this.#serve(options);
    context.crowd.join(this);
  }

  /** From now on handshakes are begun by these; those under way go on as they were. */
  configure(options: HandshakeOptions): void {
    this.#server = this.#serve(options);
  }

  /** Takes over a connection that has just been accepted; `onSecured` has it after the handshake. */
  begin(leg: TcpLeg, wanted: Wanted): void {
    if (this.#isClosed || !this.#context.crowd.admits()) {
      leg.destroy();
      return;
    }
    // Who ends during the handshake has gone away: Node then tells of it at once, and closes.
    const beneath = leg.toSocket({ allowHalfOpen: false });
    // Told by the socket above it.
    beneath.on('error', () => {});
    const { client } = leg;
    const address = client?.address ?? beneath.remoteAddress;
    this.#underWay.set(beneath, { ...wanted, client, address, sinceMs: performance.now() });
    this.#server.emit('connection', beneath);
  }

  evict(count: number): number {
    const oldest = [...this.#underWay.keys()].slice(0, count);
    for (const beneath of oldest) this.#dismiss(beneath);
    return oldest.length;
  }

  /** Ends the oldest that has a place, where it has taken `slowMs`. @returns whether there was one */
  evictSlow(slowMs: number): boolean {
    const lastMs = performance.now() - slowMs;
    for (const [beneath, { sinceMs, place }] of this.#underWay) {
      if (sinceMs > lastMs) return false;
      if (place === undefined) continue;
      this.#dismiss(beneath);
      place.leave();
      return true;
    }
    return false;
  }

  /** Breaks all of them off; none will come. */
  close(): void {
    this.#isClosed = true;
    this.evict(this.#underWay.size);
    this.#context.crowd.leave(this);
  }

  #dismiss(beneath: net.Socket): void {
    this.#underWay.delete(beneath);
    beneath.destroy();
  }

  #serve(options: HandshakeOptions): tls.Server {
    const { cert, key, clientCa } = options.tls;
    const server = tls.createServer({
      cert,
      key,
      ...(clientCa && { ca: clientCa }),
      requestCert: clientCa !== undefined,
      rejectUnauthorized: true,
      minVersion: LISTENER_TLS,
      ALPNProtocols: [...ALPN],
      handshakeTimeout: options.timeoutMs,
      pauseOnConnect: true,
      ...ticketSettings(options.tls, this.#context.ticketSecret),
    });
    server.on('secureConnection', (socket) => this.#onSecure(socket, clientCa !== undefined));
    server.on('tlsClientError', (error, socket) => this.#onFailed(error, socket, options.listener));
    return server;
  }

  #onSecure(socket: tls.TLSSocket, isAsked: boolean): void {
    // It was dismissed in this very turn, and closes by itself.
    const beneath = socketBeneath(socket);
    const begun = this.#underWay.get(beneath);
    if (begun === undefined) return;
    this.#underWay.delete(beneath);
    // From here on an end is that of one side, as on all legs.
    socket.allowHalfOpen = true;
    const leg = new TlsLeg(this.#context.tools.pool, socket);
    leg.client = begun.client;
    const certificate = isAsked ? socket.getPeerX509Certificate() : undefined;
    begun.onSecured({ leg, names: certificate && certificateNames(certificate) });
  }

  #onFailed(error: NodeJS.ErrnoException, socket: tls.TLSSocket, listener: string): void {
    const beneath = socketBeneath(socket);
    // It was dismissed, and closes by itself: Node does not bear that it is closed from both sides.
    const begun = this.#underWay.get(beneath);
    if (begun === undefined) return;
    this.#underWay.delete(beneath);
    socket.destroy();
    // Who closes without a byte, or is silent, has begun nothing: health checks do.
    if (beneath.bytesRead === 0) return;
    // Of a certificate that it refuses Node tells as of a reset.
    const code = String(socket.authorizationError ?? error.code ?? '');
    const cause = causeOf(code);
    this.#context.onHandshakeFailed(listener, cause);
    this.#tell({ listener, client_ip: begun.address, cause, detail: tlsFaultText({ code }) });
  }

  /** Whom we do not trust does not hear why: Node closes without an alert then. */
  #tell(facts: Readonly<Record<string, unknown>> & { readonly cause: HandshakeCause }): void {
    const { log } = this.#context;
    let isTold = false;
    if (facts.cause === 'certificate') {
      this.#refusals.run((suppressed) => {
        isTold = true;
        log.warn({ ...facts, suppressed }, 'TLS handshake failed');
      });
    }
    if (!isTold) log.debug(facts, 'TLS handshake failed');
  }
}

function causeOf(code: string): HandshakeCause {
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'timeout';
  const reason = tlsReasonOf(code);
  return reason === undefined ? 'closed' : CAUSES[reason];
}
