/** `weir replay`: what a candidate policy would have said to old traffic, and where that is not what was said then. */
import { ExitCode } from '#exit-codes.ts';
import { type Command, countOption, flag, textOption, WITHOUT_SECRETS } from './command.ts';
import { logsArgument, readLogs } from './logs.ts';

interface Options {
  readonly logs: string[];
  readonly config: string | undefined;
  readonly top: number;
  readonly json: boolean;
  readonly 'without-secrets': boolean;
}

const DEFAULT_TOP = 20;

export const replayCommand: Command<Options> = {
  command: 'replay <logs..>',
  describe: 'Judge the traffic of old logs by another policy, and tell what would change',
  builder: (yargs) =>
    yargs
      .positional('logs', logsArgument)
      .option('config', {
        alias: 'c',
        ...textOption('Configuration file with the candidate policy'),
        demandOption: true,
      })
      .option('top', countOption('top', DEFAULT_TOP, 'Hosts, clients and requests to show for each rule'))
      .option('without-secrets', WITHOUT_SECRETS)
      .option('json', flag('Print all of it as JSON'))
      .example('$0 replay -c t1.new.yaml /var/log/weir/access.log', "Weir's own log")
      .example('$0 replay -c t2.yaml access.log access.log.1.gz', "Squid's, packed or not")
      .example('kubectl logs deploy/weir | $0 replay -c t1.new.yaml -', 'What another program writes')
      .epilogue(
        'Exit codes: 0 nothing would change, 1 something would, or not all could be read, 66 no such log, 78 the configuration cannot be loaded.',
      ),
  async run({ logs, config = '', top, json, 'without-secrets': withoutSecrets }) {
    const { loadConfig } = await import('#config/load.ts');
    const { compilePolicy } = await import('#acl/policy.ts');
    const { Replay } = await import('#study/replay.ts');
    const { replayJson, replayText } = await import('#study/replay-text.ts');
    const { policy, hash } = await loadConfig(config, undefined, { secrets: !withoutSecrets });
    const replay = new Replay(compilePolicy(policy, hash));
    const { isCut } = await readLogs(logs, (line) => replay.take(line));
    const result = replay.result();
    process.stdout.write(json ? `${JSON.stringify(replayJson(result), null, 2)}\n` : replayText(result, top));
    // What nobody has looked at is not called unchanged.
    if (result.judged === 0) process.stderr.write('No line could be judged\n');
    return result.changed > 0 || result.judged === 0 || isCut ? ExitCode.Findings : ExitCode.Done;
  },
};
