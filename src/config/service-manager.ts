/** What systemd says to a program that it starts (sd_notify(3), sd_watchdog_enabled(3)), as far as it is for this process. */
import process from 'node:process';

export interface ServiceManagerWishes {
  /** It wants to be told when the program serves, reloads and stops. */
  readonly isTold: boolean;
  /** It ends a program from which it has not heard for so long; undefined: it does not. */
  readonly watchdogMs: number | undefined;
}

export function serviceManagerWishes(
  environment: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
): ServiceManagerWishes {
  const { NOTIFY_SOCKET = '', WATCHDOG_USEC = '', WATCHDOG_PID = '' } = environment;
  const isTold = NOTIFY_SOCKET !== '';
  // A process that inherits another's variables is not the one that is watched.
  const isWatched = isTold && (WATCHDOG_PID === '' || WATCHDOG_PID === String(pid));
  return {
    isTold,
    watchdogMs: isWatched && /^[1-9]\d{0,14}$/.test(WATCHDOG_USEC) ? Number(WATCHDOG_USEC) / 1000 : undefined,
  };
}
