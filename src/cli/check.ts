/** `weir check`: says everything that is wrong with configuration files, or in one line each what they hold. */
import type { Config } from '#config/config.ts';
import { ConfigError, formatProblem, type Problem } from '#config/problems.ts';
import { ExitCode } from '#exit-codes.ts';
import { type Command, STANDARD_INPUT, UsageError } from './command.ts';

interface Options {
  readonly files: string[];
  readonly json: boolean;
}

interface Finding {
  readonly summary: string;
  readonly problems: readonly Problem[];
  /** Of good files: tests beside them that fail. */
  readonly failed: readonly Problem[];
}

export const checkCommand: Command<Options> = {
  command: 'check <files..>',
  describe: 'Validate configuration files, and run the policy tests beside them',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Configuration files; - is standard input',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the problems as a JSON array' })
      .example('$0 check t1.yaml', 'One file')
      .example('$0 check t1.yaml t2.yaml --json', 'Both tiers, for a program')
      .example('$0 check - < t1.yaml', 'What another program writes'),
  async run({ files, json }) {
    refuseNothing(files);
    const findings: Finding[] = [];
    for (const file of files) findings.push(await check(file));
    const problems = findings.flatMap((finding) => finding.problems);
    const failed = findings.flatMap((finding) => finding.failed);
    if (json) process.stdout.write(`${JSON.stringify([...problems, ...failed], null, 2)}\n`);
    else print(findings);
    if (problems.length > 0) return ExitCode.Configuration;
    return failed.length === 0 ? ExitCode.Done : ExitCode.Findings;
  },
};

/** Whatever the parser leaves: nothing may be called good that nobody has looked at. @throws {UsageError} */
function refuseNothing(files: readonly string[]): void {
  if (files.length === 0) throw new UsageError('Name a configuration file');
  if (files.filter((file) => file === STANDARD_INPUT).length > 1)
    throw new UsageError('Standard input can be read only once');
}

async function check(file: string): Promise<Finding> {
  const { loadConfig } = await import('#config/load.ts');
  const { failedTests } = await import('#study/failed-tests.ts');
  try {
    const config = await loadConfig(file, file === STANDARD_INPUT ? process.stdin : undefined);
    const failed = file === STANDARD_INPUT ? [] : await failedTests(file, config);
    return { summary: `${file}: ${summarise(config)}\n`, problems: [], failed };
  } catch (error) {
    if (error instanceof ConfigError) return { summary: '', problems: error.problems, failed: [] };
    throw error;
  }
}

function summarise({ name, policy, routes, hash }: Config): string {
  const counts = [
    count(policy.access.length, 'rule'),
    count(Object.keys(policy.acls).length, 'ACL'),
    count(routes.length, 'route'),
  ];
  return `${name}, ${counts.join(', ')}, policy ${hash}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function print(findings: readonly Finding[]): void {
  for (const { summary, problems, failed } of findings) {
    for (const problem of [...problems, ...failed]) process.stderr.write(`${formatProblem(problem)}\n`);
    process.stdout.write(summary);
  }
}
