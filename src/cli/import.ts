/** `weir import`: a configuration from a squid.conf, and a report of what became of each of its directives. */
import { writeFile } from 'node:fs/promises';
import { ConfigError } from '#config/problems.ts';
import { ExitCode } from '#exit-codes.ts';
import type { Imported } from '#migrate/import-squid.ts';
import { type Command, textOption, UsageError } from './command.ts';

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
      .positional('file', { type: 'string', demandOption: true, describe: 'The squid.conf' })
      .option('output', { alias: 'o', ...textOption('File to write to; standard output if absent') })
      .option('force', { type: 'boolean', default: false, describe: 'Replace the file to write to' })
      .option('time-zone', textOption("Zone of the clock that Squid goes by; this machine's if absent"))
      .option('json', { type: 'boolean', default: false, describe: 'Print configuration and report as JSON' })
      .example('$0 import squid.conf -o t2.yaml', 'Configuration into a file, report on standard output')
      .example('$0 import squid.conf > t2.yaml', 'The same, report on standard error')
      .example('$0 import squid.conf --json', 'For a program') as never,
  async run(options) {
    const imported = await translated(options);
    await refuseUnloadable(imported.yaml, options);
    if (options.output !== undefined) await save(options.output, imported.yaml, options.force);
    await print(imported, options);
    const isFine = imported.findings.every(({ verdict }) => verdict !== 'dangerous' && verdict !== 'error');
    return isFine ? ExitCode.Done : ExitCode.Findings;
  },
};

async function translated(options: Options): Promise<Imported> {
  const { importSquid } = await import('#migrate/import-squid.ts');
  const timeZone = await zoneOf(options['time-zone']);
  try {
    return await importSquid(options.file, { timeZone });
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
async function refuseUnloadable(yaml: string, { output, file }: Options): Promise<void> {
  const { parseConfig } = await import('#config/load.ts');
  await parseConfig(yaml, { file: output ?? `${file}.yaml` });
}

async function save(path: string, yaml: string, isForced: boolean): Promise<void> {
  try {
    await writeFile(path, yaml, { flag: isForced ? 'w' : 'wx' });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it exists. Use --force to replace it' : String(code);
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
