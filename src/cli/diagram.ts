/** `weir diagram`: the chain and its policy as a Mermaid flowchart. */
import type { Config } from '#config/config.ts';
import { ExitCode } from '#exit-codes.ts';
import { type Command, filesArgument, refuseOddFiles, STANDARD_INPUT, WITHOUT_SECRETS } from './command.ts';

interface Options {
  readonly files: string[];
  readonly 'without-secrets': boolean;
}

export const diagramCommand: Command<Options> = {
  command: 'diagram <files..>',
  describe: 'Draw the chain and its policy as a Mermaid flowchart',
  builder: (yargs) =>
    yargs
      .positional(
        'files',
        filesArgument('Configuration files, the tier that clients reach first; - is standard input'),
      )
      .option('without-secrets', WITHOUT_SECRETS)
      .example('$0 diagram t1.yaml t2.yaml > chain.mmd', 'Both tiers')
      .example('(echo "```mermaid"; $0 diagram t1.yaml; echo "```") > POLICY.md', 'A page that GitHub draws')
      .epilogue('Exit codes: 0 done, 78 a configuration cannot be loaded.'),
  async run({ files, 'without-secrets': withoutSecrets }) {
    refuseOddFiles(files, 'configuration file');
    const { loadConfig } = await import('#config/load.ts');
    const { diagram } = await import('#study/diagram.ts');
    const tiers: Config[] = [];
    for (const file of files) {
      const stream = file === STANDARD_INPUT ? process.stdin : undefined;
      tiers.push(await loadConfig(file, stream, { secrets: !withoutSecrets }));
    }
    process.stdout.write(diagram(tiers));
    return ExitCode.Done;
  },
};
