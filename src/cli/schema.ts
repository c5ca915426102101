/** `weir schema`: the JSON Schema of the configuration file, for editors and for checks elsewhere. */
import { ExitCode } from '#exit-codes.ts';
import type { Command } from './command.ts';

export const schemaCommand: Command<object> = {
  command: 'schema',
  describe: 'Print the JSON Schema of the configuration file',
  builder: (yargs) => yargs.example('$0 schema > weir.schema.json', 'Save it for an editor'),
  async run() {
    const { configJsonSchema } = await import('#config/json-schema.ts');
    process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return ExitCode.Done;
  },
};
