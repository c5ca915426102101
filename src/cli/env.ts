/** `weir env`: the environment that makes the clients of a pod or a shell use this proxy. */
import { ExitCode } from '#exit-codes.ts';
import type { Language, ProxyEnvironment } from '#study/proxy-env.ts';
import { type Command, textOption, UsageError } from './command.ts';

type Format = 'shell' | 'yaml' | 'configmap' | 'json';

interface Options {
  readonly proxy: string | undefined;
  readonly 'no-proxy': string[];
  readonly lang: Language | undefined;
  readonly format: Format;
  readonly name: string | undefined;
}

// Known here too, so that help does not load what makes them; the type holds both together.
const LANGUAGES: readonly Language[] = ['java', 'node', 'python', 'go', 'dotnet', 'curl'];
const FORMATS: readonly Format[] = ['shell', 'yaml', 'configmap', 'json'];
/** What Kubernetes takes for the name of a ConfigMap. */
const OBJECT_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const envCommand: Command<Options> = {
  command: 'env',
  describe: 'Print the proxy variables of a client, in every spelling that clients read',
  builder: (yargs) =>
    yargs
      .option('proxy', { ...textOption('The proxy: http://host:port, or host:port'), demandOption: true })
      .option('no-proxy', {
        type: 'string',
        array: true,
        requiresArg: true,
        default: [],
        describe: 'Reached without it: addresses, networks, x.com, .x.com with all under it, *.x.com',
      })
      .option('lang', { choices: LANGUAGES, describe: 'Only what this runtime reads, as it reads it' })
      .option('format', {
        choices: FORMATS,
        default: 'shell' as Format,
        describe: 'Shell commands, a list of env for a container, a ConfigMap, or JSON',
      })
      .option('name', { ...textOption('Name of the ConfigMap'), default: 'weir-proxy' })
      .example('$0 env --proxy http://proxy:3128 --no-proxy 10.0.0.0/8 .svc', 'For a shell')
      .example('$0 env --proxy proxy:3128 --lang java --format yaml', 'For a pod that runs Java')
      .example('$0 env --proxy proxy:3128 --format configmap', 'For envFrom of many pods')
      .epilogue('Exit codes: 0 done, 64 what is given cannot be read, or not be said to the runtime.'),
  async run({ proxy = '', 'no-proxy': noProxy, lang, format, name = '' }) {
    if (!OBJECT_NAME.test(name)) {
      throw new UsageError(`Name "${name}" is none for a ConfigMap, write one such as weir-proxy`);
    }
    const { parseException } = await import('#study/no-proxy.ts');
    const { parseProxyUrl, proxyEnvironment } = await import('#study/proxy-env.ts');
    const words = noProxy.flatMap((text) => text.split(',')).filter((word) => word !== '');
    const url = understood(() => parseProxyUrl(proxy));
    const exceptions = understood(() => words.map(parseException));
    const environment = understood(() => proxyEnvironment(url, exceptions, lang));
    process.stdout.write(render(environment, format, name));
    return ExitCode.Done;
  },
};

/** @throws {UsageError} where an argument cannot be read */
function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function render({ variables, notes }: ProxyEnvironment, format: Format, configMap: string): string {
  if (format === 'json') return `${JSON.stringify({ variables, notes }, null, 2)}\n`;
  const comments = notes.map((note) => `# ${note}.\n`);
  const head = format === 'configmap' ? [headOf(configMap)] : [];
  const lines = Object.entries(variables).map(([name, value]) => line(name, value, format));
  return [...comments, ...head, ...lines].join('');
}

function line(name: string, value: string, format: 'shell' | 'yaml' | 'configmap'): string {
  switch (format) {
    case 'shell':
      // Nothing of what a value is made of is a quote.
      return `export ${name}='${value}'\n`;
    case 'yaml':
      return `- name: ${name}\n  value: ${JSON.stringify(value)}\n`;
    case 'configmap':
      return `  ${name}: ${JSON.stringify(value)}\n`;
  }
}

/** A ConfigMap up to its data, with the name quoted, because one may look like a number. */
function headOf(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${JSON.stringify(name)}\ndata:\n`;
}
