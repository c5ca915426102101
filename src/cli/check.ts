/** `weir check`: says everything that is wrong with configuration files, and what is doubtful in those that load. */
import { Readable } from 'node:stream';
import type { Config } from '#config/config.ts';
import type { Places } from '#config/places.ts';
import { ConfigError, formatProblem, type Problem } from '#config/problems.ts';
import { ExitCode } from '#exit-codes.ts';
import { type Network, parseNetwork } from '#net/ip.ts';
import type { ChainOptions } from '#study/lint/chain.ts';
import type { Finding } from '#study/lint/finding.ts';
import type { Studied } from '#study/lint/lint.ts';
import packageJson from '../../package.json' with { type: 'json' };
import {
  type Command,
  filesArgument,
  flag,
  refuseOddFiles,
  STANDARD_INPUT,
  UsageError,
  WITHOUT_SECRETS,
} from './command.ts';

interface Options {
  readonly files: string[];
  readonly alone: boolean;
  readonly json: boolean;
  readonly sarif: boolean;
  readonly via: string[] | undefined;
  readonly 'without-secrets': boolean;
}

/** One file, or a part of the chain. */
interface Checked {
  readonly summary: string;
  readonly problems: readonly Problem[];
  readonly findings: readonly Finding[];
  /** Undefined where the file does not load. */
  readonly studied?: Studied;
}

export const checkCommand: Command<Options> = {
  command: 'check <files..>',
  describe: 'Validate configuration files and their policies, and run the policy tests beside them',
  builder: (yargs) =>
    yargs
      .positional(
        'files',
        filesArgument(
          'Configuration files; - is standard input; of several each is the tier behind the one before',
        ),
      )
      .option('via', {
        type: 'string',
        requiresArg: true,
        describe: 'Network that tier 2 sees tier 1 come from; several with commas [default: hop.trust.from]',
        coerce: (value: string | string[] | undefined) =>
          value === undefined ? undefined : [value].flat().flatMap((text) => text.split(',')),
      })
      .option('without-secrets', WITHOUT_SECRETS)
      .option('alone', flag('Look at each file by itself: they are no chain'))
      .option('json', flag('Print what is found as a JSON array'))
      .option('sarif', flag('Print what is found as SARIF 2.1.0'))
      .example('$0 check t1.yaml', 'One file')
      .example('$0 check --alone *.yaml', 'All files here, each with the tests beside it')
      .example('$0 check t1.yaml t2.yaml --json', 'Both tiers and what goes between them, for a program')
      .example('$0 check t1.yaml t2.yaml --via 10.128.0.0/14', 'Tier 1 comes from these addresses')
      .example('$0 check --without-secrets k8s/*/weir.yaml', 'In a pipeline, which has no keys')
      .example('$0 check - < t1.yaml', 'What another program writes')
      .epilogue(
        'Exit codes: 0 nothing of level error, 1 something of it, 78 a configuration or its tests cannot be loaded.',
      ),
  async run({ files, alone, json, sarif, via, 'without-secrets': withoutSecrets }) {
    refuseOddFiles(files, 'configuration file');
    if (json && sarif) throw new UsageError('Give one of --json and --sarif');
    const policies = await policiesOf(files);
    if (alone && via !== undefined)
      throw new UsageError('Give one of --alone and --via, which is about what goes from tier to tier');
    const networks = via && networksOf(via, policies.length);
    const nowMs = Math.floor(Date.now() / 1000) * 1000;
    const checked: Checked[] = [];
    for (const file of policies) checked.push(await check(file, { nowMs, secrets: !withoutSecrets }));
    if (!alone) checked.push(...(await checkChain(checked, { via: networks, nowMs })));
    await print(checked, { json, sarif });
    return exitCodeOf(checked);
  },
};

/** A file of tests stands for the policy beside it, once: whoever asks for *.yaml names both. */
async function policiesOf(files: readonly string[]): Promise<string[]> {
  const { isTestFile, policyFileOf } = await import('#study/test-file.ts');
  return [...new Set(files.map((file) => (isTestFile(file) ? policyFileOf(file) : file)))];
}

/** @throws {UsageError} */
function networksOf(texts: readonly string[], files: number): Network[] {
  if (files !== 2) throw new UsageError('Option --via is for two files, of which the first is tier 1');
  try {
    return texts.map((text) => parseNetwork(text.trim()));
  } catch (error) {
    throw new UsageError(`Option --via: ${(error as Error).message}`, { cause: error });
  }
}

interface How {
  readonly nowMs: number;
  readonly secrets: boolean;
}

async function check(file: string, { nowMs, secrets }: How): Promise<Checked> {
  const { loadConfig } = await import('#config/load.ts');
  const read: Buffer[] = [];
  try {
    const stream = file === STANDARD_INPUT ? keep(process.stdin, read) : undefined;
    const config = await loadConfig(file, stream, { isServed: true, secrets });
    const studied = { config, placeOf: await placesIn(file, read) };
    if (secrets) await warnOfSecrets(file, config);
    else tellUnread(file, config);
    return {
      summary: `${file}: ${summarise(config)}\n`,
      problems: [],
      findings: await examine(file, studied, nowMs),
      studied,
    };
  } catch (error) {
    if (error instanceof ConfigError) return { summary: '', problems: error.problems, findings: [] };
    throw error;
  }
}

/** It depends on the host, and not on the file. */
async function warnOfSecrets(file: string, config: Config): Promise<void> {
  const { exposedSecrets } = await import('#config/exposed.ts');
  for (const warning of await exposedSecrets(config)) process.stderr.write(`${file}: ${warning}\n`);
}

/** On standard error in any case: whoever reads findings alone should not take them for all that there may be. */
function tellUnread(file: string, { unread }: Config): void {
  if (unread.length === 0) return;
  process.stderr.write(`${file}: not read: ${unread.join(', ')}. Check once more where they are\n`);
}

/** Everything that is looked at in a file that loads: its policy, and what the policy's own tests say. */
async function examine(file: string, studied: Studied, nowMs: number): Promise<Finding[]> {
  const { lint } = await import('#study/lint/lint.ts');
  const { failedTests } = await import('#study/failed-tests.ts');
  const failed = file === STANDARD_INPUT ? [] : await failedTests(file, studied.config);
  return [...lint(studied, nowMs), ...failed];
}

/** What goes from each file to the next. */
async function checkChain(checked: readonly Checked[], options: ChainOptions): Promise<Checked[]> {
  const { lintChain } = await import('#study/lint/whole-chain.ts');
  const stretches = lintChain(
    checked.map(({ studied }) => studied),
    options,
  );
  return stretches.map(({ summary, findings }) => ({ summary: `${summary}\n`, problems: [], findings }));
}

async function* keep(stream: AsyncIterable<Buffer>, read: Buffer[]): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    read.push(chunk);
    yield chunk;
  }
}

/** Where things stand in what was loaded, which may be gone from the disk by now. */
async function placesIn(file: string, read: readonly Buffer[]): Promise<Places> {
  const { readPlaces } = await import('#config/places.ts');
  try {
    return await readPlaces(file, file === STANDARD_INPUT ? Readable.from(read) : undefined);
  } catch {
    return () => ({ file, line: 1, column: 1 });
  }
}

function exitCodeOf(checked: readonly Checked[]): number {
  if (checked.some(({ problems }) => problems.length > 0)) return ExitCode.Configuration;
  const isWrong = checked.some(({ findings }) => findings.some(({ level }) => level === 'error'));
  return isWrong ? ExitCode.Findings : ExitCode.Done;
}

function summarise({ name, policy, routes, hash, rulesHash, unread }: Config): string {
  const counts = [
    count(policy.access.length, 'rule'),
    count(Object.keys(policy.acls).length, 'ACL'),
    count(routes.length, 'route'),
    `rules ${rulesHash}`,
  ];
  // What runs has another one, over the contents of these files as well.
  return `${name}, ${counts.join(', ')}${unread.length === 0 ? `, policy ${hash}` : ''}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

async function print(
  checked: readonly Checked[],
  { json, sarif }: Pick<Options, 'json' | 'sarif'>,
): Promise<void> {
  const problems = checked.flatMap((each) => each.problems);
  const findings = checked.flatMap((each) => each.findings);
  const { findingOfProblem, formatFinding } = await import('#study/lint/finding.ts');
  if (json) return printJson([...problems.map(findingOfProblem), ...findings]);
  if (sarif) {
    const { sarifOf } = await import('#study/lint/sarif.ts');
    return printJson(sarifOf(problems, findings, packageJson.version));
  }
  for (const each of checked) {
    for (const problem of each.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    process.stdout.write(each.summary);
    for (const finding of each.findings) process.stdout.write(`${formatFinding(finding)}\n`);
  }
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
