/** `weir cache`: what a running Weir keeps of a URL and why, and taking it out; over the control socket of who serves on this machine. */
import type { Answer, Asked, FailureKind } from '#control/protocol.ts';
import { ExitCode } from '#exit-codes.ts';
import { type Command, flag, textOption, UsageError } from './command.ts';

interface Options {
  readonly action: 'why' | 'purge';
  readonly target: string;
  readonly config: string | undefined;
  readonly socket: string | undefined;
  readonly method: string | undefined;
  readonly header: string[] | undefined;
  readonly json: boolean;
}

const EXIT_CODES: Readonly<Record<FailureKind, number>> = {
  usage: ExitCode.Usage,
  malformed: ExitCode.Usage,
  refused: ExitCode.Findings,
  busy: ExitCode.Findings,
  failed: ExitCode.Findings,
};

export const cacheCommand: Command<Options> = {
  command: 'cache <action> <target>',
  describe: 'Say what is kept of a URL and why, or take out what is kept of it, or of a host',
  builder: (yargs) =>
    yargs
      .positional('action', {
        choices: ['why', 'purge'],
        demandOption: true,
        describe: 'why: what is kept of TARGET, or why nothing is; purge: keep nothing of it any more',
      } as const)
      .positional('target', {
        type: 'string',
        demandOption: true,
        describe: 'An http:// URL; for purge also host or host:port, for all that is kept of it',
      })
      .option('config', {
        alias: 'c',
        ...textOption('Configuration file of the service, which says where its socket is'),
      })
      .option('socket', textOption('Control socket of the service [default: /run/weir/cache.sock]'))
      .option('method', textOption('why: method of the request [default: GET]'))
      .option('header', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'why: header field of the request, "Name: value"; may be repeated',
      } as const)
      .option('json', flag('Print the answer as JSON'))
      .conflicts('socket', 'config')
      .example(
        '$0 cache why http://deb.debian.org/debian/dists/stable/InRelease',
        'Ask who serves here: as root, or as the user of the service',
      )
      .example(
        '$0 cache why -c weir.yaml --header "Accept: text/html" http://www.example.com/',
        'What varies',
      )
      .example('$0 cache purge deb.debian.org', 'All URLs of a host, at any port')
      .epilogue(
        'Exit codes: 0 done, 1 not purged by every process, not from disk or not at all, 64 usage, 66 nobody answers at the socket.',
      ),
  async run(options) {
    const asked = askedBy(options);
    const { askControl, ControlFault } = await import('#control/ask-control.ts');
    const answer = await askControl(await socketOf(options), asked).catch((error) => {
      throw error instanceof ControlFault ? Object.assign(error, { exitCode: ExitCode.NoInput }) : error;
    });
    if (answer.failure !== undefined) return fail(answer.failure, options);
    await print(answer.result, options.json);
    return answer.result.act === 'purge' && !answer.result.complete ? ExitCode.Findings : ExitCode.Done;
  },
};

/** @throws {UsageError} */
function askedBy({ action, target, method, header }: Options): Asked {
  if (action === 'why')
    return { act: 'why', url: target, method: method ?? 'GET', headers: (header ?? []).flatMap(fieldOf) };
  if (method !== undefined || header !== undefined)
    throw new UsageError('--method and --header are for weir cache why');
  return { act: 'purge', target };
}

/** @throws {UsageError} which does not show the value */
function fieldOf(text: string): [name: string, value: string] {
  const [, name, value] = /^([^\s:]+):\s*(.*?)\s*$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new UsageError('A header field is written "Name: value"');
  return [name, value];
}

async function socketOf({ socket, config }: Options): Promise<string> {
  if (socket !== undefined) return socket;
  const { likelyCacheSocket } = await import('#config/cache-socket.ts');
  if (config === undefined) return likelyCacheSocket(undefined);
  const { loadConfig } = await import('#config/load.ts');
  const loaded = await loadConfig(config, undefined, { secrets: false });
  const path = likelyCacheSocket(loaded);
  if (loaded.cache.socket === undefined)
    process.stderr.write(
      `${config} names no cache.socket: asking who is at "${path}", be it of that file or not\n`,
    );
  return path;
}

function fail({ kind, message }: NonNullable<Answer['failure']>, { json }: Options): number {
  if (json) process.stdout.write(jsonText({ failure: { kind, message } }));
  process.stderr.write(`${message}\n`);
  return EXIT_CODES[kind];
}

async function print(result: NonNullable<Answer['result']>, isJson: boolean): Promise<void> {
  if (result.act === 'why') {
    const { whyText } = await import('#control/why-text.ts');
    process.stdout.write(isJson ? jsonText(result) : whyText(result));
  } else {
    const { purgeJson, purgeText } = await import('#control/purge-text.ts');
    process.stdout.write(isJson ? jsonText(purgeJson(result)) : purgeText(result));
  }
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
