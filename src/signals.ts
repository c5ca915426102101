/** Signals as calls: TERM and INT stop, a second one ends at once; HUP reloads; USR2 reopens logs (DESIGN §5). */

export interface SignalActions {
  /** The first TERM or INT. */
  readonly stop: (signal: string) => void;
  /** Any later one. */
  readonly end: (signal: string) => void;
  readonly reload: () => void;
  readonly reopenLogs: () => void;
}

/** @returns stops following */
export function followSignals(actions: SignalActions): () => void {
  let isStopping = false;
  const onStop = (signal: string): void => {
    if (isStopping) actions.end(signal);
    else actions.stop(signal);
    isStopping = true;
  };
  const handlers = { SIGTERM: onStop, SIGINT: onStop, SIGHUP: actions.reload, SIGUSR2: actions.reopenLogs };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  };
}
