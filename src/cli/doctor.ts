/** `weir doctor`: walks the chain to a target as a client would, and says at which component it ends. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { ProxyAddress } from '#doctor/proxy-address.ts';
import type { Target } from '#doctor/target.ts';
import { ExitCode } from '#exit-codes.ts';
import type { Language } from '#study/proxy-env.ts';
import { type Command, flag, textOption, UsageError } from './command.ts';
import { unreadable } from './readable.ts';

interface Options {
  readonly target: string;
  readonly proxy: string | undefined;
  readonly lang: Language | undefined;
  readonly timeout: string | undefined;
  readonly ca: string | undefined;
  readonly insecure: boolean;
  readonly json: boolean;
}

// Known here too, so that help does not load what reads the environment; the type holds both together.
const LANGUAGES: readonly Language[] = ['curl', 'go', 'python', 'node', 'java', 'dotnet'];
/** Longer than tier 1 takes before it gives up on what is behind it (`timeouts.establish`). */
const TIMEOUT = '12s';

export const doctorCommand: Command<Options> = {
  command: 'doctor <target>',
  describe: 'Walk the chain to a target as a client would, and name the component that breaks it',
  builder: (yargs) =>
    yargs
      .positional('target', {
        type: 'string',
        demandOption: true,
        describe:
          'host, host:port or https:// for TLS in a tunnel, http:// for a plain request, tcp://host:port',
      })
      .option('proxy', textOption('The proxy, in the place of the one that the environment names'))
      .option('lang', {
        choices: LANGUAGES,
        describe: 'Judge the environment as this runtime reads it, and not by what most have in common',
      })
      .conflicts('lang', 'proxy')
      .option('timeout', { ...textOption('How long each step may take'), default: TIMEOUT })
      .option('ca', textOption('File with authorities in PEM that are trusted beside the usual ones'))
      .option('insecure', flag('Take a certificate that does not hold for a note, and no fault'))
      .option('json', flag('Print the diagnosis as JSON'))
      .example('$0 doctor login.microsoft.com', 'From a pod, by its environment')
      .example('$0 doctor --lang java https://login.microsoft.com', 'As the JVM of this pod would')
      .example('$0 doctor --proxy http://proxy:3128 --ca ca.pem a.b:8443', 'By another proxy')
      .epilogue('Exit codes: 0 the way is open, 1 a step failed.'),
  async run(options) {
    const { target, proxy, timeoutMs } = await questionOf(options);
    const { diagnose } = await import('#doctor/diagnose.ts');
    const { SocketWires } = await import('#doctor/socket-wires.ts');
    const { diagnosisJson, renderDiagnosis } = await import('#doctor/render-diagnosis.ts');
    const wires = new SocketWires({ timeoutMs, ca: await authoritiesIn(options.ca) });
    const { lang: runtime, insecure: isInsecure } = options;
    const environment = process.env;
    const diagnosis = await diagnose({ target, proxy, environment, runtime, isInsecure, wires });
    wires.close();
    const json = (): string => `${JSON.stringify(diagnosisJson(diagnosis), null, 2)}\n`;
    process.stdout.write(options.json ? json() : renderDiagnosis(diagnosis));
    return diagnosis.fault === undefined ? ExitCode.Done : ExitCode.Findings;
  },
};

interface Question {
  readonly target: Target;
  readonly proxy: ProxyAddress | undefined;
  readonly timeoutMs: number;
}

/** @throws {UsageError} */
async function questionOf({ target, proxy, timeout = TIMEOUT }: Options): Promise<Question> {
  const { parseTarget } = await import('#doctor/target.ts');
  const { parseProxyAddress } = await import('#doctor/proxy-address.ts');
  const { parseDuration } = await import('#config/units.ts');
  try {
    return {
      target: parseTarget(target),
      proxy: proxy === undefined ? undefined : parseProxyAddress(proxy),
      timeoutMs: parseDuration(timeout),
    };
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

/** @throws {InputError}, {UsageError} where it has no certificate */
async function authoritiesIn(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { readCertificates } = await import('#config/pem.ts');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const certificates = readCertificates(text);
  if ('fix' in certificates) throw new UsageError(`${file}: ${certificates.message}. ${certificates.fix}`);
  return text;
}
