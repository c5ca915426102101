/** Which listeners of a tier a peer of the tier before it may come to, as far as files tell. */
import type { ListenerOptions } from '#config/config.ts';

/** Those with the peer's port, and those that take over a socket of systemd's, whose port no file says. */
export function doorsFor<Door extends Pick<ListenerOptions, 'port' | 'socket'>>(
  listeners: readonly Door[],
  port: number,
): Door[] {
  return listeners.filter((one) => mayHavePort(one, port));
}

/** Whether a listener is on that port, or may be. */
export function mayHavePort(listener: Pick<ListenerOptions, 'port' | 'socket'>, port: number): boolean {
  return listener.socket !== undefined || listener.port === port;
}
