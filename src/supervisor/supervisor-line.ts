/**
 * A worker's end of the channel to its supervisor: orders come in, reports go out, and when the supervisor is gone that is
 * said, each time. Where the next one can be found, it is sought then, and takes the place of the first. What is done about
 * any of it is worker.ts's business.
 */
import process from 'node:process';
import type { SocketHandle } from '#net/shared-socket.ts';
import { NextSupervisor } from './next-supervisor.ts';
import type { Fault, Hello, Order, Report } from './protocol.ts';

export interface LineEvents {
  readonly onOrder: (order: Order, handle: SocketHandle | undefined) => void;
  /** The supervisor is gone, and nobody had hung up. */
  readonly onLost: () => void;
}

/** Where the next supervisor is found, and what it is told. */
export interface Reunion {
  readonly directory: string;
  readonly hello: () => Hello;
  readonly onFound: () => void;
}

export class SupervisorLine {
  readonly #next: NextSupervisor | undefined;
  #isHungUp = false;

  /** `reunion` undefined: no other supervisor can be found. */
  constructor({ onOrder, onLost }: LineEvents, reunion: Reunion | undefined) {
    this.#next =
      reunion &&
      new NextSupervisor({
        directory: reunion.directory,
        hello: () => ({ kind: 'hello', hello: reunion.hello() }),
        onOrder: (order) => onOrder(order, undefined),
        onFound: reunion.onFound,
        onLost,
      });
    process.on('message', (order, handle) => onOrder(order as Order, handle as SocketHandle | undefined));
    process.on('disconnect', () => {
      if (this.#isHungUp) return;
      onLost();
      this.#next?.seek();
    });
  }

  /** Resolves when it is with the supervisor, or there is none. */
  report(report: Report): Promise<void> {
    return new Promise((resolve) => {
      if (process.connected && process.send) process.send(report, undefined, {}, () => resolve());
      else if (this.#next === undefined) resolve();
      else void this.#next.report(report).then(resolve);
    });
  }

  /** Whether there is a supervisor, or one comes in the time. */
  async isHeard(limitMs: number): Promise<boolean> {
    if (process.connected) return true;
    return (await this.#next?.isThere(limitMs)) ?? false;
  }

  /** Ends the channel, which would keep this process alive. */
  hangUp(): void {
    this.#isHungUp = true;
    this.#next?.close();
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
