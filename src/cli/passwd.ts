/** `weir passwd`: the line of `usersFile` for a user, its password from a prompt or from standard input. */
import { Writable } from 'node:stream';
import { ExitCode } from '#exit-codes.ts';
import { type Command, UsageError } from './command.ts';

interface Options {
  readonly user: string;
}

/** More than a client can send with its name. */
const MAX_BYTES = 1024;

export const passwdCommand: Command<Options> = {
  command: 'passwd <user>',
  describe: 'Print the line of usersFile for a user; the password is asked for, or read from standard input',
  builder: (yargs) =>
    yargs
      .positional('user', { type: 'string', demandOption: true, describe: 'Name of the user' })
      .example('$0 passwd alice >> users.txt', 'Ask for the password')
      .example('$0 passwd alice < secret.txt', 'Read it from a file, of which the first line counts'),
  async run({ user }) {
    const { parseUserName } = await import('#identity/users.ts');
    const { hashPassword } = await import('#identity/password-hash.ts');
    let name: string;
    try {
      name = parseUserName(user);
    } catch (error) {
      throw new UsageError((error as Error).message);
    }
    const password = process.stdin.isTTY ? await askTwice() : await readLine();
    refuseOdd(password);
    process.stdout.write(`${name}:${await hashPassword(password)}\n`);
    return ExitCode.Done;
  },
};

/** @throws {UsageError} where it could never be sent, or is none */
function refuseOdd(password: string): void {
  if (password === '') throw new UsageError('The password is empty: give one');
  if (Buffer.byteLength(password) > MAX_BYTES)
    throw new UsageError(`The password is too long: give at most ${MAX_BYTES} bytes`);
  if (/\p{Cc}/u.test(password)) throw new UsageError('The password has control characters: leave them out');
}

/** The first line of standard input. */
async function readLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.includes('\n') || text.length > 2 * MAX_BYTES) break;
  }
  return text.split(/\r?\n/)[0] ?? '';
}

async function askTwice(): Promise<string> {
  const password = await ask('Password: ');
  if ((await ask('Once more: ')) !== password) throw new UsageError('The passwords differ: try again');
  return password;
}

/** Asks on standard error, and shows nothing of the answer. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const stopped = new AbortController();
  // Ctrl-C.
  terminal.on('SIGINT', () => stopped.abort());
  process.stderr.write(question);
  try {
    return await terminal.question('', { signal: stopped.signal });
  } catch {
    throw new UsageError('No password was given');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
