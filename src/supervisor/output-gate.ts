/**
 * Standard output of a worker: the pipe to the supervisor that started it, and when that goes, the line to the next one. Between the two
 * nothing is taken, so that lines wait for whoever comes.
 */
import { FILE_CALLS, type FileCalls } from '#record/log-file.ts';

/** Takes lines to a supervisor. */
type SendLines = (text: string) => Promise<void>;

export class OutputGate implements FileCalls {
  readonly open = FILE_CALLS.open;
  readonly close = FILE_CALLS.close;
  #way: FileCalls['write'];

  constructor(pipe: FileCalls['write'] = FILE_CALLS.write) {
    this.#way = pipe;
  }

  write(fd: number, bytes: Buffer, offset: number): Promise<number> {
    return this.#way(fd, bytes, offset);
  }

  /** Nobody takes anything. */
  hold(): void {
    this.#way = () => Promise.reject(Object.assign(new Error('There is no supervisor'), { code: 'EAGAIN' }));
  }

  /** From now on lines go to a supervisor by what says so. */
  sendBy(send: SendLines): void {
    this.#way = async (_, bytes, offset) => {
      await send(bytes.toString('utf8', offset));
      return bytes.length - offset;
    };
  }
}
