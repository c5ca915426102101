/** What TLS connections are made with: certificates and keys as PEM, and the versions that are spoken. */
import { createHash, hkdfSync } from 'node:crypto';
import tls from 'node:tls';

/** To peers nothing older is spoken; clients may be older than we are. */
export const PEER_TLS = 'TLSv1.3';
export const LISTENER_TLS = 'TLSv1.2';

/** All that is spoken within. */
export const ALPN: readonly string[] = ['http/1.1'];

/** As PEM. */
export interface TlsIdentity {
  /** The certificate, and behind it those that lead from it to an authority. */
  readonly cert: string;
  readonly key: string;
}

/** How a peer is spoken to. */
export interface TlsPeerOptions {
  /** The authorities, as PEM, of which one has to stand for the peer's certificate. */
  readonly ca: string;
  /** What we show. Undefined: nothing. */
  readonly own: TlsIdentity | undefined;
  /** DNS name or IP address that the peer's certificate has to name. */
  readonly serverName: string;
}

/** How clients are spoken to. */
export interface TlsListenerOptions extends TlsIdentity {
  /** The authorities, as PEM, of which one has to stand for the certificate of each client. Undefined: none is asked for. */
  readonly clientCa: string | undefined;
}

/** @throws {Error} where OpenSSL does not take them, such as a key that is too short */
export function peerContext({ ca, own }: Pick<TlsPeerOptions, 'ca' | 'own'>): tls.SecureContext {
  return tls.createSecureContext({ ...own, ca, minVersion: PEER_TLS });
}

/** @throws {Error} as {@link peerContext} */
export function listenerContext({ cert, key, clientCa }: TlsListenerOptions): tls.SecureContext {
  return tls.createSecureContext({ cert, key, ...(clientCa && { ca: clientCa }), minVersion: LISTENER_TLS });
}

/** What a listener's tickets are made with. */
export interface TicketSettings {
  readonly ticketKeys: Buffer;
  readonly sessionIdContext: string;
  /** In seconds. */
  readonly sessionTimeout: number;
}

/** What a ticket takes up again is not checked anew: for so long a certificate that is not good any more may still do. */
const SESSION_S = 300;
const TICKET_KEYS_BYTES = 48;
const CONTEXT_BYTES = 16;

/**
 * The same for all processes that share `secret` and serve by the same certificates, so that each takes the others' tickets. By
 * other certificates or authorities they are others, so that nobody who would be refused comes in by a ticket.
 */
export function ticketSettings(options: TlsListenerOptions, secret: string): TicketSettings {
  const { cert, key, clientCa } = options;
  const info = createHash('sha256')
    .update(JSON.stringify([cert, key, clientCa]))
    .digest();
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', info, TICKET_KEYS_BYTES + CONTEXT_BYTES));
  return {
    ticketKeys: bytes.subarray(0, TICKET_KEYS_BYTES),
    sessionIdContext: bytes.subarray(TICKET_KEYS_BYTES).toString('hex'),
    sessionTimeout: SESSION_S,
  };
}
