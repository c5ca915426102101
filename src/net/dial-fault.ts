/**
 * The classification of what the system says when a connect fails: by code, never by message. Knows neither policy nor peers; what
 * it means of a peer is for src/peer to say.
 */
import { ProxyError, type Reason } from '#errors.ts';
import type { DialTarget } from './opening.ts';
import { HOST_ADDRESSES } from './own-addresses.ts';
import { tlsFaultText, tlsReasonOf } from './tls-fault.ts';

/** System error codes of a connect, and the reason each stands for when the target is an origin. */
const CONNECT_REASONS: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_terminated',
  ECONNABORTED: 'connection_terminated',
  EPIPE: 'connection_terminated',
  ETIMEDOUT: 'connection_timeout',
  EHOSTUNREACH: 'destination_unroutable',
  ENETUNREACH: 'destination_unroutable',
  EHOSTDOWN: 'destination_unroutable',
  ENETDOWN: 'destination_unroutable',
  EAFNOSUPPORT: 'destination_unroutable',
  // A firewall of this machine.
  EACCES: 'destination_unroutable',
  EPERM: 'destination_unroutable',
  // Of the connect; that of a bind, see below.
  EADDRNOTAVAIL: 'ports_exhausted',
  EADDRINUSE: 'ports_exhausted',
  EMFILE: 'saturated',
  ENFILE: 'saturated',
  ENOBUFS: 'saturated',
};

/** The reason a system error of a socket of this host stands for; `internal_error` where the code is not known. */
export function reasonOfSocketError(error: unknown, own = HOST_ADDRESSES): Reason {
  const { code, syscall, address } = (error ?? {}) as Partial<SocketError>;
  if (code === 'EADDRNOTAVAIL') {
    if (syscall === 'bind') return 'source_unavailable';
    if (address?.includes(':') && !hasIpv6(own)) return 'destination_unroutable';
  }
  if (typeof code !== 'string') return 'internal_error';
  return CONNECT_REASONS[code] ?? tlsReasonOf(code) ?? 'internal_error';
}

/** What an error of a connection that was open says of TLS; undefined where it says nothing of it. */
export function reasonOfBreak(error: NodeJS.ErrnoException | undefined): Reason | undefined {
  return tlsReasonOf(error?.code ?? '');
}

interface SocketError {
  readonly code: unknown;
  readonly syscall: unknown;
  /** Of the far end. */
  readonly address: string;
}

/** Where IPv6 is turned off the system says of it what it says when the ports have run out, which stands where nobody knows. */
function hasIpv6(own: typeof HOST_ADDRESSES): boolean {
  return own.all()?.some(({ family }) => family === 6) ?? true;
}

/** What it means that `target` could not be dialled: `error` itself where it says so, as that of an abort does. */
export function dialFault({ address, port, source }: DialTarget, error: NodeJS.ErrnoException): ProxyError {
  if (error instanceof ProxyError) return error;
  const from = source === undefined ? '' : ` from ${source}`;
  const detail = `Cannot connect${from} to ${address} port ${port}: ${whyOf(error)}`;
  return new ProxyError(reasonOfSocketError(error), { detail, cause: error });
}

function whyOf(error: NodeJS.ErrnoException): string {
  const { code = '' } = error;
  if (tlsReasonOf(code) !== undefined) return tlsFaultText(error);
  return code === 'ETIMEDOUT' ? 'no answer' : code || 'closed';
}
