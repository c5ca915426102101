/** Signals as calls: TERM and INT stop, a second one ends at once; HUP reloads; USR2 reopens logs (docs/commands.md). */

export interface SignalActions {
  /** The first TERM or INT. */
  readonly stop: (signal: string) => void;
  /** Any later one. */
  readonly end: (signal: string) => void;
  readonly reload: () => void;
  readonly reopenLogs: () => void;
}

/** Follows them to the end of the process: one that nobody followed would end it then, and take its exit code with it. */
export function followSignals(actions: SignalActions): void {
  let isStopping = false;
  const onStop = (signal: string): void => {
    if (isStopping) actions.end(signal);
    else actions.stop(signal);
    isStopping = true;
  };
  const handlers = { SIGTERM: onStop, SIGINT: onStop, SIGHUP: actions.reload, SIGUSR2: actions.reopenLogs };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
}
