/** `weir explain`: what a policy would say to a request, rule by rule, and why. Nothing is sent but, on demand, DNS queries. */
import { ExitCode } from '#exit-codes.ts';
import type { ChainQuestion, Via } from '#study/explain.ts';
import type { Names } from '#study/explain-hop.ts';
import type { Question } from '#study/question.ts';
import type { Tier } from '#study/tier.ts';
import { type Command, flag, textOption, UsageError, WITHOUT_SECRETS } from './command.ts';

interface Options {
  readonly target: string;
  readonly config: string[];
  readonly src: string | undefined;
  readonly via: string | undefined;
  readonly listener: string | undefined;
  readonly namespace: string | undefined;
  readonly 'pod-label': string[] | undefined;
  readonly 'namespace-label': string[] | undefined;
  readonly 'service-account': string | undefined;
  readonly user: string | undefined;
  readonly method: string | undefined;
  readonly header: string[] | undefined;
  readonly sni: string | undefined;
  readonly at: string | undefined;
  readonly address: string | undefined;
  readonly resolve: boolean;
  readonly 'without-secrets': boolean;
  readonly json: boolean;
}

const EPILOGUE = `The exit code is 0 whatever the verdict. Rules after the one that decides are marked "-", those that depend on the resolved address "?".`;

export const explainCommand: Command<Options> = {
  command: 'explain <target>',
  describe: 'Say what the policy makes of a request, rule by rule, without traffic',
  builder: (yargs) =>
    yargs
      .positional('target', {
        type: 'string',
        demandOption: true,
        describe: 'host:port of a CONNECT, or an http:// URL',
      })
      .option('config', {
        alias: 'c',
        ...listOption('Configuration file; a second one is that of the tier behind'),
        demandOption: true,
      })
      .option('src', { ...textOption('Address of the client'), demandOption: true })
      .option(
        'via',
        textOption('Address of the first tier as the second sees it [default: one that hop.trust.from has]'),
      )
      .option('listener', textOption('Listener that takes the connection; the first where it is left out'))
      .option(
        'namespace',
        textOption('Namespace of the client; that of identity.static where nothing is said of it'),
      )
      .option('pod-label', listOption('Label of the pod, name=value; may be repeated'))
      .option('namespace-label', listOption('Label of its namespace, name=value; may be repeated'))
      .option('service-account', textOption('Service account of the pod'))
      .option('user', textOption('User whose credentials the client presents'))
      .option('method', textOption('Method; CONNECT for host:port and GET for a URL where it is left out'))
      .option('header', listOption('Header field of the request, "Name: value"; may be repeated'))
      .option(
        'sni',
        textOption(
          'Server name (SNI) in the tunnel, "-" for none; the host of the target where it is left out',
        ),
      )
      .option('at', textOption('When, such as 2026-11-23T10:00+08:00; now where it is left out'))
      .option('address', textOption('Address that the name leads to, for rules that judge it'))
      .option('resolve', flag('Resolve names as the hop would, and ask the guard about their addresses'))
      .option('without-secrets', WITHOUT_SECRETS)
      .option('json', flag('Print the explanation as JSON'))
      .example('$0 explain -c t1.yaml --src 10.128.0.7 login.microsoft.com:443', 'One tier')
      .example('$0 explain -c t1.yaml -c t2.yaml --via 10.128.9.9 --src 10.128.0.7 a.b:443', 'Both tiers')
      .example('$0 explain -c t2.yaml --src 10.128.0.7 --at 2026-11-23T18:00+08:00 a.b:443', 'Another time')
      .example('$0 explain -c t1.yaml --src 10.128.0.7 --method POST http://a.b/ --json', 'For a program')
      .epilogue(EPILOGUE),
  async run(options) {
    const question = await questionOf(options);
    const names = await namesOf(options);
    const [first, behind] = await openTiers(options);
    const second = await secondOf(options, behind);
    refuseUnknownListener(options, first);
    const { explain } = await import('#study/explain.ts');
    const { renderExplanation, explanationJson } = await import('#study/render-explanation.ts');
    const explanation = await explain({ first, second, question, names });
    const text = options.json
      ? `${JSON.stringify(explanationJson(explanation), null, 2)}\n`
      : renderExplanation(explanation);
    process.stdout.write(text);
    return ExitCode.Done;
  },
};

/** An option that may be given several times. */
function listOption(describe: string) {
  const coerce = (value: string | string[] | undefined): string[] =>
    [value ?? []].flat().map((one) => String(textOption('').coerce(one)));
  return { type: 'string', requiresArg: true, describe, coerce } as const;
}

/** @throws {UsageError} */
async function questionOf(options: Options): Promise<Question> {
  const { src: ip = '', listener, target, method, namespace, user } = options;
  const { subjectOf } = await import('#study/question.ts');
  const { parseInstant } = await import('#match/instant.ts');
  return asUsage(() => {
    const at = options.at === undefined ? Date.now() : parseInstant(options.at);
    const podLabels = pairsOf(options['pod-label'], '=', 'Label');
    const namespaceLabels = pairsOf(options['namespace-label'], '=', 'Label');
    const headers = pairsOf(options.header, ':', 'Header field');
    const serviceAccount = options['service-account'];
    const who = { ip, listener, namespace, podLabels, namespaceLabels, serviceAccount, user };
    const sni = options.sni === '-' ? '' : options.sni;
    const question = { ...who, target, method, at, headers, sni };
    subjectOf(question);
    return question;
  });
}

/** @throws {UsageError} */
async function namesOf({ address, resolve }: Options): Promise<Names> {
  if (address !== undefined && resolve) throw new UsageError('Say --address or --resolve, not both');
  const { addressIn } = await import('#study/question.ts');
  if (address !== undefined) return asUsage(() => addressIn(address));
  return resolve ? 'resolved' : 'unknown';
}

function pairsOf(
  texts: readonly string[] | undefined,
  separator: string,
  what: string,
): Record<string, string> | undefined {
  const pairs = texts?.map((text) => {
    const at = text.indexOf(separator);
    if (at <= 0) throw new Error(`${what} "${text}" has no "${separator}" behind a name`);
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()] as const;
  });
  return pairs && Object.fromEntries(pairs);
}

/** @throws {UsageError} where there are more than two; {ConfigError} */
async function openTiers(options: Options): Promise<readonly [Tier] | readonly [Tier, Tier]> {
  const { config, 'without-secrets': withoutSecrets } = options;
  const [first, second, ...more] = config;
  if (first === undefined || more.length > 0) throw new UsageError('Name one configuration file, or two');
  const { openTier } = await import('#study/tier.ts');
  const open = (file: string): Promise<Tier> => openTier(file, { secrets: !withoutSecrets });
  return second === undefined ? [await open(first)] : [await open(first), await open(second)];
}

/** @throws {UsageError} */
async function secondOf({ via }: Options, tier: Tier | undefined): Promise<ChainQuestion['second']> {
  if (tier !== undefined) return { tier, via: await viaOf(via, tier) };
  if (via !== undefined) throw new UsageError('--via is for a second configuration file');
  return undefined;
}

/** @throws {UsageError} where nothing is said and nothing can be assumed */
async function viaOf(via: string | undefined, tier: Tier): Promise<Via> {
  const { addressIn } = await import('#study/question.ts');
  if (via !== undefined) return { address: asUsage(() => addressIn(via)).text };
  const { assumedVia } = await import('#study/explain.ts');
  const assumed = assumedVia(tier);
  if (assumed !== undefined) return assumed;
  throw new UsageError(`Say by --via from which address the first tier comes to ${tier.config.name}`);
}

/** @throws {UsageError} */
function refuseUnknownListener({ listener }: Options, { config }: Tier): void {
  const names = config.listeners.map(({ name }) => name);
  if (listener === undefined || names.includes(listener)) return;
  throw new UsageError(`Listener "${listener}" is not defined, use one of: ${names.join(', ')}`);
}

/** @throws {UsageError} in place of any other error */
function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
