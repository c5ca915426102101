/** `weir import`: a configuration from a squid.conf, and a report of what became of each of its directives. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '#config/problems.ts';
import { ExitCode } from '#exit-codes.ts';
import type { Imported } from '#migrate/import-squid.ts';
import { type Command, STANDARD_INPUT, textOption, UsageError } from './command.ts';

interface Options {
  readonly file: string;
  readonly output: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
  readonly 'time-zone': string | undefined;
}

export const importCommand: Command<Options> = {
  command: 'import <file>',
  describe: 'Make a configuration from a squid.conf, with a report on every directive',
  builder: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'The squid.conf; - is standard input',
      })
      .option('output', { alias: 'o', ...textOption('File to write to; standard output if absent') })
      .option('force', { type: 'boolean', default: false, describe: 'Replace the file to write to' })
      .option('time-zone', textOption("Zone of the clock that Squid goes by; this machine's if absent"))
      .option('json', { type: 'boolean', default: false, describe: 'Print configuration and report as JSON' })
      .example('$0 import squid.conf -o t2.yaml', 'Configuration into a file, report on standard output')
      .example('$0 import squid.conf > t2.yaml', 'The same, report on standard error')
      .example('$0 import squid.conf --json', 'For a program')
      .example('$0 import - < squid.conf', 'Of standard input; includes begin at the working directory')
      .epilogue(
        'Exit codes: 0 nothing is dangerous, 1 something is, or Squid would not take it, 64 the file to write to exists or has no folder, 78 the squid.conf cannot be read.',
      ) as never,
  async run(options) {
    const imported = await translated(options);
    await refuseUnloadable(imported, options);
    if (options.output !== undefined) await save(options.output, imported, options.force);
    await print(imported, options);
    const isFine = imported.findings.every(({ verdict }) => verdict !== 'dangerous' && verdict !== 'error');
    return isFine ? ExitCode.Done : ExitCode.Findings;
  },
};

async function translated(options: Options): Promise<Imported> {
  const { importSquid } = await import('#migrate/import-squid.ts');
  const timeZone = await zoneOf(options['time-zone']);
  const stream = options.file === STANDARD_INPUT ? process.stdin : undefined;
  try {
    return await importSquid(options.file, { timeZone, stream });
  } catch (error) {
    const message = (error as Error).message;
    if (!message.startsWith('Cannot read')) throw error;
    const place = { file: options.file, line: 1, column: 1, path: '', value: undefined };
    throw new ConfigError([{ ...place, message, fix: 'Name a squid.conf that can be read' }]);
  }
}

async function zoneOf(given: string | undefined): Promise<string> {
  const { parseTimeZone } = await import('#match/zone-clock.ts');
  try {
    return parseTimeZone(given ?? Temporal.Now.timeZoneId());
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

/** What does not load must not look like a configuration. */
async function refuseUnloadable({ yaml, usersFile }: Imported, { output, file }: Options): Promise<void> {
  const { parseConfig } = await import('#config/load.ts');
  const place = output ?? `${file}.yaml`;
  try {
    await parseConfig(yaml, { file: place });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // One that is not there yet is made, or told of.
    const isToCome = usersFile !== undefined && !existsSync(join(dirname(place), usersFile));
    const problems = error.problems.filter(({ path }) => !(isToCome && path === 'auth.usersFile'));
    if (problems.length > 0) throw new ConfigError(problems);
  }
}

async function save(path: string, { yaml, usersFile }: Imported, isForced: boolean): Promise<void> {
  await write(path, yaml, { flag: isForced ? 'w' : 'wx' });
  if (usersFile === undefined) return;
  const users = join(dirname(path), usersFile);
  // Whoever is in it already stays, with --force too.
  if (!existsSync(users)) await write(users, await nobody(), { flag: 'wx', mode: 0o600 });
}

/** A users file in which nobody can be who it names: the password is forgotten at once. */
async function nobody(): Promise<string> {
  const { hashPassword } = await import('#identity/password-hash.ts');
  const hash = await hashPassword(randomBytes(32).toString('base64'));
  return [
    '# One line for each user, as "weir passwd NAME" prints it.',
    '# Nobody knows the password of this one, without which the file would name no user; remove it.',
    `nobody:${hash}`,
    '',
  ].join('\n');
}

const UNWRITABLE: Readonly<Record<string, string>> = {
  EEXIST: 'it exists. Use --force to replace it',
  ENOENT: 'no such folder',
  ENOTDIR: 'what should be its folder is none',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
};

async function write(
  path: string,
  text: string,
  options: { readonly flag: 'w' | 'wx'; readonly mode?: number },
): Promise<void> {
  try {
    await writeFile(path, text, options);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = UNWRITABLE[code ?? ''] ?? String(code);
    throw new UsageError(`Cannot write "${path}": ${why}`, { cause });
  }
}

async function print({ yaml, findings }: Imported, { output, json, file }: Options): Promise<void> {
  const { countsOf, reportText, STANDING } = await import('#migrate/report.ts');
  if (json) {
    const whole = { file, counts: countsOf(findings), findings, standing: STANDING, configuration: yaml };
    process.stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
  } else {
    (output === undefined ? process.stderr : process.stdout).write(reportText(findings));
    if (output === undefined) process.stdout.write(yaml);
  }
}
