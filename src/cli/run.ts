/** `weir run`: serve, until a signal says otherwise. */
import { type Command, textOption } from './command.ts';

interface Options {
  readonly config: string | undefined;
}

export const runCommand: Command<Options> = {
  command: 'run',
  describe: 'Serve',
  builder: (yargs) =>
    yargs
      .option('config', {
        alias: 'c',
        ...textOption('Configuration file; without it a built-in one that serves this machine only'),
      })
      .example('$0 run', 'A proxy for this machine on 127.0.0.1:3128')
      .example('$0 run -c /etc/weir/t1.yaml', 'Serve by a file, and follow its changes'),
  async run({ config }) {
    const { serve } = await import('#serve.ts');
    return serve({ configFile: config });
  },
};
