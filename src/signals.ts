/**
 * Signals as what they ask for: TERM and INT stop, a second one ends at once; HUP reloads; USR2 reopens logs
 * (docs/commands.md). Followed from the first moment of `weir run` to the end of the process: one that nobody followed would end
 * it then, and take its exit code and its workers with it.
 */
import process from 'node:process';
import { ExitCode } from './exit-codes.ts';

export interface SignalActions {
  /** A TERM or INT after the first. */
  readonly end: () => void;
  readonly reload: () => void;
  readonly reopenLogs: () => void;
}

/** The start was broken off, as was asked for. */
export class StoppedAtStart extends Error {
  override readonly name = 'StoppedAtStart';
  readonly exitCode = ExitCode.Done;
}

export class Signals {
  readonly #stopping = new AbortController();
  readonly #stopped = Promise.withResolvers<NodeJS.Signals>();
  #actions: SignalActions | undefined = undefined;

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#stop(signal));
    // While it starts, it has just opened its logs, and will see for itself that a file of the configuration has changed.
    process.on('SIGHUP', () => this.#actions?.reload());
    process.on('SIGUSR2', () => this.#actions?.reopenLogs());
  }

  /** Aborted by the first TERM or INT; what that is at the start is its reason, {@link StoppedAtStart}. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** The first TERM or INT, when it comes. */
  get stopped(): Promise<NodeJS.Signals> {
    return this.#stopped.promise;
  }

  /** It serves: from now on it can do what signals ask for. */
  follow(actions: SignalActions): void {
    this.#actions = actions;
  }

  #stop(signal: NodeJS.Signals): void {
    if (!this.stopping.aborted) {
      this.#stopped.resolve(signal);
      this.#stopping.abort(new StoppedAtStart(`Stopped by ${signal} before it served`));
    } else if (this.#actions !== undefined) this.#actions.end();
    else endBy(signal);
  }
}

/** Who asks twice while it starts does not want to wait for what cannot be broken off. */
function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
