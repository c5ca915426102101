/**
 * A Unix socket that nobody but this user can open, and root. It is made in a folder of its own that nobody else may enter and put in its
 * place when its mode is right: there is no moment at which another could connect, nor one at which a link that stands in its place is
 * followed. Who connects is not asked who he is, since Node cannot tell: the mode of the socket and of its folder is what keeps others out.
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import net, { type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import process from 'node:process';

export interface PrivateSocket {
  /** Lets nobody else in, and takes the socket away, unless another process has put its own there. */
  close(): void;
}

/** Those beyond are closed at once. */
const MAX_CONNECTIONS = 256;
/** Group and others may not write there, and others not enter. */
const FORBIDDEN = 0o027;

/**
 * Takes the place of one that a process has left that is gone.
 * @throws {Error} saying what is in the way and what to do
 */
export async function openPrivateSocket(
  path: string,
  onConnection: (socket: Socket) => void,
): Promise<PrivateSocket> {
  const folder = dirname(path);
  requirePrivate(folder);
  await refuseTaken(path);
  const server = net.createServer({ allowHalfOpen: true }, onConnection);
  server.maxConnections = MAX_CONNECTIONS;
  const nursery = mkdtempSync(join(folder, '.weir-'));
  try {
    const made = join(nursery, 's');
    await listen(server, made);
    chmodSync(made, 0o600);
    renameSync(made, path);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    rmSync(nursery, { recursive: true, force: true });
  }
  const { ino } = lstatSync(path);
  // It holds no process up.
  server.unref();
  server.on('error', () => {});
  return {
    close() {
      server.close();
      if (statOf(path)?.ino === ino) rmSync(path, { force: true });
    },
  };
}

function requirePrivate(folder: string): void {
  if (statOf(folder) === undefined) mkdirSync(folder, { mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (uid !== process.getuid?.())
    throw new Error(
      `Folder "${folder}" is another user's: name a path in one that is this user's alone, or in one that is not there yet and is made, such as "${join(folder, 'control')}"`,
    );
  if ((mode & FORBIDDEN) !== 0)
    throw new Error(
      `Others may enter "${folder}", or write there: name a path in a folder that is for this alone, with mode 0700`,
    );
}

/** What is no socket is left alone, and so is one that somebody listens on. */
async function refuseTaken(path: string): Promise<void> {
  const stats = statOf(path);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new Error(`"${path}" is no socket: remove it, or name another path`);
  const code = await faultOfConnect(path);
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return;
  const why = code === undefined ? 'another process listens there' : code;
  throw new Error(`Cannot take the place of "${path}": ${why}; stop it, or name another path`);
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Undefined where somebody takes the connection. */
function faultOfConnect(path: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = net.connect(path);
  socket.once('connect', () => {
    socket.destroy();
    resolve(undefined);
  });
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  return promise;
}

async function listen(server: net.Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, resolve);
  await promise;
  server.off('error', reject);
}
