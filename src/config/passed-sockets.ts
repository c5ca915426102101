/** Listening sockets that systemd hands to a program that it starts (sd_listen_fds_with_names(3)): descriptors by their names. */
import process from 'node:process';

/** More than one descriptor where sockets have the same name. */
export type PassedSockets = ReadonlyMap<string, readonly number[]>;

/** Standard streams come before it. */
const FIRST_DESCRIPTOR = 3;
/** More than anybody listens on. */
const MOST = 1024;

/** None where they are another process's: who inherits the variables has not been handed the sockets. */
export function passedSockets(
  environment: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
): PassedSockets {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES = '' } = environment;
  const byName = new Map<string, number[]>();
  const count = /^\d{1,4}$/.test(LISTEN_FDS) ? Math.min(Number(LISTEN_FDS), MOST) : 0;
  if (LISTEN_PID !== String(pid)) return byName;
  const names = LISTEN_FDNAMES.split(':');
  for (let index = 0; index < count; index += 1) {
    // What systemd calls one without a name.
    const name = names[index] || 'unknown';
    byName.set(name, [...(byName.get(name) ?? []), FIRST_DESCRIPTOR + index]);
  }
  return byName;
}
