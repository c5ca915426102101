/** `weir run`: serve, until a signal says otherwise. */
import { parseWorkers, type Workers } from '#config/workers.ts';
import { Signals } from '#signals.ts';
import { type Command, textOption, UsageError } from './command.ts';

interface Options {
  readonly config: string | undefined;
  readonly workers: string | undefined;
}

const EPILOGUE = `Signals:
  TERM, INT  drain and end; a second one ends at once
  HUP        load the configuration again; a changed file does so by itself
  USR2       open log files again, after they were rotated away

Exit codes: 0 drained and done, 64 usage, 69 cannot bind, 75 drain cut short, 78 configuration cannot be loaded, or this is not a Node for Weir.`;

export const runCommand: Command<Options> = {
  command: 'run',
  describe: 'Serve',
  builder: (yargs) =>
    yargs
      .option('config', {
        alias: 'c',
        ...textOption('Configuration file; without it a built-in one that serves this machine only'),
      })
      .option(
        'workers',
        textOption('Processes that share the listeners, a number or "auto", in place of the file\'s'),
      )
      .example('$0 run', 'A proxy for this machine on 127.0.0.1:3128')
      .example('$0 run -c /etc/weir/t1.yaml', 'Serve by a file, and follow its changes')
      .epilogue(EPILOGUE),
  async run({ config, workers }) {
    const count = workersOf(workers);
    // Before all that takes time.
    const signals = new Signals();
    try {
      // As it is loaded it looks at what Node has.
      const { serve } = await import('#serve.ts');
      return await serve({ configFile: config, workers: count, signals });
    } catch (error) {
      const { withExitCode } = await import('#start-fault.ts');
      throw withExitCode(error);
    }
  },
};

/** @throws {UsageError} */
function workersOf(text: string | undefined): Workers | undefined {
  try {
    return text === undefined ? undefined : parseWorkers(text);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
