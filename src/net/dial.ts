/**
 * One TCP connect to one checked address under a deadline, and the classification of what Node says when it fails
 * (by code, never by message). Knows neither policy nor peers; callers map the fault to a reason.
 */
import net from 'node:net';
import { ProxyError, type Reason } from '#errors.ts';
import type { Abort } from './abort.ts';
import type { BufferPool } from './buffers.ts';
import type { Ledger } from './ledger.ts';
import { Leg, NOBODY } from './leg.ts';
import { KEEP_ALIVE_MS } from './limits.ts';
import type { Wheel } from './wheel.ts';

/** What every dial of a process shares. */
export interface DialTools {
  readonly pool: BufferPool;
  readonly ledger: Ledger;
  readonly wheel: Wheel;
}

export interface DialTarget {
  /** IP address; names never reach this module. */
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
}

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
    const leg = new Leg(tools.pool, (onread) =>
      net.connect({
        host: target.address,
        port: target.port,
        onread,
        allowHalfOpen: true,
        autoSelectFamily: false,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      }),
    );
    tools.ledger.track('upstream', leg.socket);
    const giveUp = (error: ProxyError): void => {
      settle();
      leg.socket.destroy();
      reject(error);
    };
    const deadline = tools.wheel.deadline(() => {
      giveUp(
        new ProxyError('connection_timeout', { detail: `Cannot connect to ${nameOf(target)}: no answer` }),
      );
    });
    const settle = (): void => {
      deadline.clear();
      abort.listen(undefined);
      leg.attach(NOBODY);
    };
    leg.attach({
      ...NOBODY,
      onClose: (_leg, cause) => {
        const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'closed';
        giveUp(
          new ProxyError(reasonOfSocketError(cause), {
            detail: `Cannot connect to ${nameOf(target)}: ${code}`,
            cause,
          }),
        );
      },
    });
    deadline.set(target.timeoutMs);
    abort.listen(giveUp);
    leg.socket.once('connect', () => {
      settle();
      resolve(leg);
    });
  });
}

function nameOf(target: DialTarget): string {
  return `${target.address} port ${target.port}`;
}
