/**
 * A worker's end of the channel to its supervisor: orders come in, reports go out, and when the supervisor is gone that is
 * said once. What is done about any of it is worker.ts's business.
 */
import process from 'node:process';
import type { SocketHandle } from '#net/shared-socket.ts';
import type { Fault, Order, Report } from './protocol.ts';

export interface LineEvents {
  readonly onOrder: (order: Order, handle: SocketHandle | undefined) => void;
  /** The supervisor is gone, and nobody had hung up. */
  readonly onLost: () => void;
}

export class SupervisorLine {
  #isHungUp = false;

  constructor({ onOrder, onLost }: LineEvents) {
    process.on('message', (order, handle) => onOrder(order as Order, handle as SocketHandle | undefined));
    process.on('disconnect', () => {
      if (!this.#isHungUp) onLost();
    });
  }

  /** Resolves when it is with the supervisor, or there is none. */
  report(report: Report): Promise<void> {
    return new Promise((resolve) => {
      if (process.connected && process.send) process.send(report, undefined, {}, () => resolve());
      else resolve();
    });
  }

  /** Ends the channel, which would keep this process alive. */
  hangUp(): void {
    this.#isHungUp = true;
    if (process.connected) process.disconnect?.();
  }
}

/** An error in words for another process. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { message: String(error), code: undefined, exitCode: undefined };
  const { code, exitCode } = error as { code?: unknown; exitCode?: unknown };
  return {
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    exitCode: typeof exitCode === 'number' ? exitCode : undefined,
  };
}
