/**
 * The command line: which commands there are, and what becomes of what they throw. Commands load their heavy parts when
 * they run, so that help and completion stay quick.
 */
import yargs, { type Argv } from 'yargs';
import { auditCommand } from '#cli/audit.ts';
import { cacheCommand } from '#cli/cache.ts';
import { checkCommand } from '#cli/check.ts';
import { type Command, STANDARD_INPUT, UsageError } from '#cli/command.ts';
import { diagramCommand } from '#cli/diagram.ts';
import { doctorCommand } from '#cli/doctor.ts';
import { envCommand } from '#cli/env.ts';
import { explainCommand } from '#cli/explain.ts';
import { healthCommand } from '#cli/health.ts';
import { importCommand } from '#cli/import.ts';
import { passwdCommand } from '#cli/passwd.ts';
import { replayCommand } from '#cli/replay.ts';
import { runCommand } from '#cli/run.ts';
import { schemaCommand } from '#cli/schema.ts';
import { suggestCommand } from '#cli/suggest.ts';
import { testCommand } from '#cli/test.ts';
import { usageMessage } from '#cli/usage-message.ts';
import { ConfigError } from '#config/problems.ts';
import { ExitCode } from './exit-codes.ts';
import { describeVersion } from './version.ts';

/** Runs the command that the arguments name, and resolves with the exit code. Faults of our own reject. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.Done;
  // yargs drops a lone `-` without a word, whatever it stands for.
  const words = argv.map((word) => (word === '-' ? STANDARD_INPUT : word));
  const commands: string[] = [];
  const called = (): string | undefined => commandIn(words, commands);
  const parser = skeleton((message, parser) => {
    const end = words.indexOf('--');
    const own = { words: end === -1 ? words : words.slice(0, end), command: called() };
    return usageMessage(message, { ...own, options: optionsOf(parser) });
  });
  const add = <Options>({ command, describe, builder, run }: Command<Options>): void => {
    commands.push(command);
    parser.command(command, describe, builder, async (options) => {
      // The types rename keys to camel case; commands read them as they are written.
      exitCode = await run(options as unknown as Options);
    });
  };
  add(runCommand);
  add(checkCommand);
  add(explainCommand);
  add(testCommand);
  add(schemaCommand);
  add(healthCommand);
  add(passwdCommand);
  add(replayCommand);
  add(suggestCommand);
  add(doctorCommand);
  add(envCommand);
  add(diagramCommand);
  add(importCommand);
  add(auditCommand);
  add(cacheCommand);
  try {
    await parser.parseAsync(words);
    return exitCode;
  } catch (error) {
    return exitCodeOf(error, called());
  }
}

/** The command that is named first, as it is declared. */
function commandIn(words: readonly string[], commands: readonly string[]): string | undefined {
  const declared = (word: string) => commands.find((command) => nameOf(command) === word);
  return words.map(declared).find((command) => command !== undefined);
}

function nameOf(command: string): string {
  return command.split(' ', 1)[0] ?? '';
}

/** Names of the options of the command at which the parser is. */
function optionsOf(parser: Argv): string[] {
  // Public in yargs, and not in its types.
  const { key, alias } = (parser as unknown as { getOptions(): DeclaredOptions }).getOptions();
  return [...Object.keys(key), ...Object.keys(alias), ...Object.values(alias).flat()];
}

interface DeclaredOptions {
  readonly key: Readonly<Record<string, unknown>>;
  readonly alias: Readonly<Record<string, readonly string[]>>;
}

function skeleton(explain: (message: string, parser: Argv) => string): Argv {
  const parser = yargs();
  return (
    parser
      .scriptName('weir')
      .usage('$0 COMMAND\n\nA forward proxy for outgoing traffic: decides, chains, relays and records.')
      .epilogue(
        'Exit codes: 0 done, 1 findings, 64 usage, 66 no such file to read, 69 cannot bind, 75 drain cut short, 78 configuration cannot be loaded.',
      )
      .version(describeVersion())
      .demandCommand(1, 'Name a command')
      .strict()
      // --no-proxy is an option of its own, and no --proxy=false.
      .parserConfiguration({ 'boolean-negation': false })
      .recommendCommands()
      .locale('en')
      .wrap(100)
      .exitProcess(false)
      .fail((message, error?: Error) => {
        // What the parser itself throws is a YError; all else comes from a command.
        throw error === undefined || error.name === 'YError'
          ? new UsageError(explain(message, parser), { cause: error })
          : error;
      })
  );
}

/** @throws what is neither the user's fault nor the system's */
function exitCodeOf(error: unknown, command?: string): number {
  if (error instanceof UsageError) {
    const help = command === undefined ? 'weir --help' : `weir ${nameOf(command)} --help`;
    process.stderr.write(`${error.message}\nSee "${help}"\n`);
    return ExitCode.Usage;
  }
  if (!(error instanceof Error)) throw error;
  const exitCode = error instanceof ConfigError ? ExitCode.Configuration : exitCodeIn(error);
  if (exitCode === undefined) throw error;
  process.stderr.write(`${error.message}\n`);
  return exitCode;
}

function exitCodeIn(error: Error): number | undefined {
  return 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : undefined;
}
