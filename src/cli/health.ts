/** `weir health`: asks the admin address whether this proxy is ready; for image health checks and scripts. */
import { ExitCode } from '#exit-codes.ts';
import { type Command, flag, textOption, UsageError } from './command.ts';

interface Options {
  readonly config: string | undefined;
  readonly address: string | undefined;
  readonly json: boolean;
}

interface AdminAddress {
  readonly host: string;
  readonly port: number;
}

const TIMEOUT_MS = 3000;

export const healthCommand: Command<Options> = {
  command: 'health',
  describe: 'Ask the admin address whether the proxy is ready: exit code 0 if it is, 1 if not',
  builder: (yargs) =>
    yargs
      .option('config', {
        alias: 'c',
        ...textOption('Configuration file whose admin address is asked; without it 127.0.0.1:9128'),
      })
      .option('address', textOption('Admin address to ask instead'))
      .option('json', flag('Print what it says of itself as JSON: readiness, policy, open tunnels'))
      .conflicts('address', 'config')
      .example('$0 health', 'Ask on this machine, at the usual port')
      .example('$0 health --address 10.128.2.100:9128', 'Ask another one')
      .example('kubectl exec POD -- $0 health --json', 'Which policy is in force in a pod'),
  async run(options) {
    const { host, port } = await adminAddress(options);
    const asked = { host: await reachable(host), port, timeoutMs: TIMEOUT_MS };
    if (options.json) {
      const { inquire } = await import('#admin/inquiry.ts');
      const condition = await inquire(asked);
      process.stdout.write(`${JSON.stringify(condition)}\n`);
      return condition.ready ? ExitCode.Done : ExitCode.Findings;
    }
    const { probeReadiness } = await import('#admin/probe.ts');
    const fault = await probeReadiness(asked);
    if (fault === undefined) {
      process.stdout.write('ready\n');
      return ExitCode.Done;
    }
    const { hostPort } = await import('#net/authority.ts');
    process.stderr.write(`Not ready at ${hostPort(host, port)}: ${fault}\n`);
    return ExitCode.Findings;
  },
};

async function adminAddress({ config, address }: Options): Promise<AdminAddress> {
  if (config !== undefined) {
    const { loadConfig } = await import('#config/load.ts');
    return (await loadConfig(config)).admin;
  }
  const { DEFAULT_ADMIN_ADDRESS } = await import('#config/listen-address.ts');
  const { parseAuthority } = await import('#net/authority.ts');
  try {
    const { host, port } = parseAuthority(address ?? DEFAULT_ADMIN_ADDRESS);
    return { host: host.text, port };
  } catch (cause) {
    throw new UsageError(`Address "${address}" is not host:port, such as 127.0.0.1:9128`, { cause });
  }
}

/** What listens on any address is asked on this machine's own. */
async function reachable(host: string): Promise<string> {
  const { isUnspecified, parseIp } = await import('#net/ip.ts');
  const ip = parseIp(host);
  if (ip === undefined || !isUnspecified(ip)) return host;
  return ip.family === 4 ? '127.0.0.1' : '::1';
}
