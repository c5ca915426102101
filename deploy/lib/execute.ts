/** Starts other programs for real: no shell, bounded time and output. One that takes longer is killed; what it has started itself may run on. */
import { execFile } from 'node:child_process';
import { Fault } from './fault.ts';
import type { Ended, Program } from './shell.ts';

const TIME_MS = 120_000;
/** A package sent to a machine goes through this process. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/** @throws {Fault} where there is no such program */
export function execute({ words, timeoutMs = TIME_MS }: Program, input?: Buffer): Promise<Ended> {
  const [program, ...args] = words;
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const options = {
    encoding: 'buffer' as const,
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
  };
  const child = execFile(program, args, options, (error, stdout, stderr) => {
    const code = error?.code;
    if (code === 'ENOENT' || code === 'EACCES') {
      reject(new Fault(`Cannot start ${program}`, `install ${program}, or put it into PATH`));
    } else {
      const status = error === null ? 0 : typeof code === 'number' ? code : undefined;
      resolve({ status, stdout, stderr: stderr.toString() });
    }
  });
  // One that ends without reading has ended all the same.
  child.stdin?.on('error', () => {}).end(input);
  return promise;
}
