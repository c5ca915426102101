/** What the commands of this repository have in common: they answer `--help`, refuse what they do not know, and say how they ended. */
import process from 'node:process';
import { parseArgs } from 'node:util';

export interface Command<Options> {
  readonly help: string;
  /** @returns undefined where help is asked for. @throws for what is not understood */
  readonly parse: (args: readonly string[]) => Options | undefined;
  /** @returns whether all is well */
  readonly run: (options: Options) => Promise<boolean>;
}

/** Runs `command` as this process, to its exit status: 1 where not all is well, and where the command line is not understood. */
export async function runCommand<Options>({ help, parse, run }: Command<Options>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  try {
    const options = parse(process.argv.slice(2));
    if (options === undefined) console.log(help);
    else process.exitCode = (await run(options)) ? 0 : 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

/** For commands that take `--help` and nothing else. */
export function parseNothing(args: readonly string[]): true | undefined {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', default: false } } });
  return values.help ? undefined : true;
}
