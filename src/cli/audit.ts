/** `weir audit verify`: whether the records of an audit trail are what was written, or the first place where they are not. */
import { readFile } from 'node:fs/promises';
import type { PublicKeys } from '#audit/checkpoint.ts';
import type { KnownRecord } from '#audit/verify-files.ts';
import { ExitCode } from '#exit-codes.ts';
import {
  type Command,
  filesArgument,
  flag,
  InputError,
  refuseOddFiles,
  STANDARD_INPUT,
  textOption,
  UsageError,
} from './command.ts';
import { ProgressBar } from './progress.ts';
import { sizeOf, unreadable } from './readable.ts';

interface Options {
  readonly files: string[];
  readonly key: string[] | undefined;
  readonly known: string | undefined;
  readonly json: boolean;
}

export const auditCommand: Command<Options> = {
  command: 'audit <action> <files..>',
  describe: 'Check an audit trail: verify proves its chain, or points at the first record that does not hold',
  builder: (yargs) =>
    yargs
      .positional('action', { choices: ['verify'], demandOption: true, describe: 'What to do' } as const)
      .positional('files', filesArgument('Files of one audit trail, in any order; gzip too'))
      .option('key', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'File with a public key that checkpoints may be signed with; can be given again',
      } as const)
      .option('known', textOption('A record known from elsewhere, as NUMBER:HASH, that must be there'))
      .option('json', flag('Print the result as JSON'))
      .example(
        '$0 audit verify --key audit.pub /var/log/weir/audit.log*',
        'The whole trail, rotated files too',
      )
      .example('$0 audit verify --known 81000:9f86d0… audit.log', 'Also that its end was not cut off')
      .epilogue('Exit codes: 0 the chain holds, 1 it does not, 66 no such file.'),
  async run({ files, key, known, json }) {
    refuseOddFiles(files, 'file of an audit trail');
    if (files.includes(STANDARD_INPUT))
      throw new UsageError('An audit trail is read twice, and not from standard input: name its files');
    const { verifyFiles } = await import('#audit/verify-files.ts');
    const { reportJson, reportText } = await import('#audit/report.ts');
    const keys = key && (await readKeys(key));
    const sizes = await Promise.all(files.map((file) => sizeOf(file, `"${file}"`)));
    const bar = new ProgressBar(
      process.stderr,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    const found = await verifyFiles(files, {
      keys,
      known: known === undefined ? undefined : parseKnown(known),
      onProgress: (bytes, records) => bar.show(bytes, `${records.toLocaleString('en')} records`),
    }).catch((error) => {
      throw unreadable(`"${'path' in error ? error.path : ''}"`, error);
    });
    bar.clear();
    const how = { hasKeys: keys !== undefined };
    process.stdout.write(
      json ? `${JSON.stringify(reportJson(found, how), null, 2)}\n` : reportText(found, how),
    );
    return found.finding === undefined && found.records > 0 ? ExitCode.Done : ExitCode.Findings;
  },
};

async function readKeys(files: readonly string[]): Promise<PublicKeys> {
  const { readPublicKey } = await import('#audit/checkpoint.ts');
  const read = async (file: string) => {
    try {
      return readPublicKey(await readFile(file, 'utf8'));
    } catch (cause) {
      const why = (cause as Error).message;
      const fix = 'name a public key of Ed25519, as openssl pkey -pubout prints it';
      throw new InputError(`Cannot use key "${file}": ${why}; ${fix}`, { cause });
    }
  };
  return new Map(await Promise.all(files.map(read)));
}

/** @throws {UsageError} */
function parseKnown(text: string): KnownRecord {
  const [, seq, hash] = /^([1-9]\d{0,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new UsageError(
      `Option --known is NUMBER:HASH, as the log says it of checkpoints, and not "${text}"`,
    );
  return { seq: Number(seq), hash };
}
