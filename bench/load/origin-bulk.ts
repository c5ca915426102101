/**
 * The origin's port for bulk: the first line says what is wanted. `down N` is answered with N bytes of the pattern and a close,
 * `up N` and `compare N` take N bytes and answer `got N`; `compare` looks at each of them.
 */
import net from 'node:net';
import { isPattern, pour } from './pattern.ts';

/** Takes bytes until it has all that were announced. */
class Sink {
  readonly #wanted: number;
  readonly #isCompared: boolean;
  #received = 0;

  constructor(wanted: number, isCompared: boolean) {
    this.#wanted = wanted;
    this.#isCompared = isCompared;
  }

  take(bytes: Buffer, socket: net.Socket): void {
    if (this.#isCompared && !isPattern(bytes, this.#received)) {
      socket.end(`The bytes after ${this.#received} differ\n`);
      return;
    }
    this.#received += bytes.length;
    if (this.#received >= this.#wanted) socket.end(`got ${this.#received}\n`);
  }
}

/** Carries out the first line. @returns what takes the bytes that follow, if any should */
function obey(line: string, socket: net.Socket): Sink | undefined {
  const [verb, count] = line.split(' ');
  if (verb !== 'down') return new Sink(Number(count), verb === 'compare');
  pour(socket, Number(count), () => socket.end());
  return undefined;
}

export function createBulkServer(): net.Server {
  return net.createServer({ noDelay: true, highWaterMark: 256 * 1024 }, (socket) => {
    let line = '';
    let sink: Sink | undefined;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      if (sink !== undefined) {
        sink.take(bytes, socket);
        return;
      }
      const end = bytes.indexOf('\n');
      line += bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
      if (end < 0) return;
      sink = obey(line, socket);
      if (end + 1 < bytes.length) sink?.take(bytes.subarray(end + 1), socket);
    });
  });
}
