/** Asks a service by its control socket, and says why that cannot be in words that lead on. */
import net from 'node:net';
import type { Answer, Asked } from './protocol.ts';

/** Longer than a service takes for an answer. */
const LIMIT_MS = 30_000;
/** More than it ever says. */
const MAX_CHARS = 8 * 1024 * 1024;

/** Nobody answers. */
export class ControlFault extends Error {
  override readonly name = 'ControlFault';
}

const CURES: Readonly<Record<string, string>> = {
  ENOENT:
    'there is no such socket. Is Weir running here, and has some rule "cache: true"? Outside systemd, as in a container, it has a socket only where its file has cache.socket: set that, and name the file (-c FILE) or the socket (--socket PATH)',
  ECONNREFUSED: 'nobody listens there any more: Weir has ended, start it',
  EACCES: "permission denied. It is for the service's user alone: ask as that user, or as root (sudo)",
  ENOTSOCK: 'that is no socket',
};

/** @throws {ControlFault} */
export async function askControl(path: string, asked: Asked): Promise<Answer> {
  const text = await exchange(path, `${JSON.stringify(asked)}\n`);
  try {
    return JSON.parse(text) as Answer;
  } catch (cause) {
    throw new ControlFault(`Cannot read what Weir says at "${path}": it is not its control socket`, {
      cause,
    });
  }
}

function exchange(path: string, line: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = net.connect(path);
  const fail = (why: string): void => {
    socket.destroy();
    reject(new ControlFault(`Cannot ask Weir at "${path}": ${why}`));
  };
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (text.length > MAX_CHARS) fail('it says more than it ever would');
  });
  socket.setTimeout(LIMIT_MS, () => fail('it does not answer'));
  socket.once('error', ({ code = '', message }: NodeJS.ErrnoException) => fail(CURES[code] ?? message));
  socket.once('end', () => {
    socket.destroy();
    resolve(text);
  });
  socket.once('close', () => fail('it has closed the connection'));
  socket.write(line);
  return promise;
}
