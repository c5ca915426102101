/**
 * Where workers that have lost their supervisor find the next one: a socket in the directory that systemd keeps for the unit from one
 * start to the next. Only who may enter that directory can connect, and it has to be this user's alone.
 */
import { chmodSync, rmSync, statSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';

const NAME = 'supervisor.sock';

/** Path of the socket in that directory. */
export function meetingPoint(directory: string): string {
  return join(directory, NAME);
}

export interface MeetingPoint {
  /** Nobody else is let in; who is there stays. */
  close(): void;
}

/**
 * Lets workers in.
 * @throws {Error} where the directory is not this user's alone, or no socket can be made in it
 */
export async function openMeetingPoint(
  directory: string,
  onArrived: (socket: Socket) => void,
): Promise<MeetingPoint> {
  const { uid, mode } = statSync(directory);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new Error(`Others may enter "${directory}": set RuntimeDirectoryMode=0700 in the unit`);
  }
  const path = meetingPoint(directory);
  // One that was killed has left its own, and two never have the same directory.
  rmSync(path, { force: true });
  const server = net.createServer(onArrived);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, resolve);
  await promise;
  chmodSync(path, 0o600);
  // It holds no process up.
  server.unref();
  server.on('error', () => {});
  return { close: () => void server.close() };
}

/** @returns the socket, connected; undefined: nobody is there */
export function reach(directory: string): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const socket = net.connect(meetingPoint(directory));
  socket.once('connect', () => resolve(socket));
  // Once it is connected, who takes it over hears of errors as well.
  socket.on('error', () => resolve(undefined));
  return promise;
}
