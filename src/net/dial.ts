/**
 * One TCP connect to one checked address under a deadline, and the classification of what Node says when it fails
 * (by code, never by message). Knows neither policy nor peers; callers map the fault to a reason.
 */
import { ProxyError, type Reason } from '#errors.ts';
import type { Abort } from './abort.ts';
import type { Leg } from './leg.ts';
import { type DialTarget, type DialTools, Opening } from './opening.ts';

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
  EADDRNOTAVAIL: 'saturated',
  EMFILE: 'saturated',
  ENFILE: 'saturated',
  ENOBUFS: 'saturated',
};

/** The reason a system error of a socket stands for; `internal_error` where the code is not known. */
export function reasonOfSocketError(error: unknown): Reason {
  const code = (error as { code?: unknown } | null)?.code;
  return (typeof code === 'string' ? CONNECT_REASONS[code] : undefined) ?? 'internal_error';
}

/**
 * Connects, and hands over the leg with nobody in charge of it yet.
 * @throws {ProxyError} `connection_*`, `destination_unroutable`, `saturated`; the reason of `abort`
 */
export function dial(tools: DialTools, target: DialTarget, abort: Abort): Promise<Leg> {
  return new Promise((resolve, reject) => {
    abort.check();
    const opening = new Opening(tools, target, {
      onOpened: (leg) => {
        abort.listen(undefined);
        resolve(leg);
      },
      onFailed: (error) => {
        abort.listen(undefined);
        reject(dialFault(target, error));
      },
    });
    abort.listen((reason) => opening.stop(reason));
  });
}

/** What it means that `target` could not be dialled: `error` itself where it says so, as that of an abort does. */
export function dialFault({ address, port }: DialTarget, error: NodeJS.ErrnoException): ProxyError {
  if (error instanceof ProxyError) return error;
  const why = error.code === 'ETIMEDOUT' ? 'no answer' : (error.code ?? 'closed');
  const detail = `Cannot connect to ${address} port ${port}: ${why}`;
  return new ProxyError(reasonOfSocketError(error), { detail, cause: error });
}
