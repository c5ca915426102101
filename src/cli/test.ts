/** `weir test`: runs the policy tests that stand beside configuration files. */
import { ExitCode } from '#exit-codes.ts';
import type { TestReport } from '#study/policy-tests.ts';
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
  readonly json: boolean;
  readonly 'without-secrets': boolean;
}

export const testCommand: Command<Options> = {
  command: 'test <files..>',
  describe: 'Run the policy tests beside configuration files',
  builder: (yargs) =>
    yargs
      .positional(
        'files',
        filesArgument('Configuration files, or files of tests: those of t1.yaml are in t1.test.yaml'),
      )
      .option('without-secrets', WITHOUT_SECRETS)
      .option('json', flag('Print the results as JSON'))
      .example('$0 test t1.yaml', 'The tests in t1.test.yaml')
      .example('$0 test t1.test.yaml t2.test.yaml --json', 'Both tiers, for a program')
      .epilogue(
        'Exit codes: 0 all passed, 1 a test failed, 78 a configuration or its tests cannot be loaded.',
      ),
  async run({ files, json, 'without-secrets': withoutSecrets }) {
    refuseOddFiles(files, 'configuration file');
    if (files.includes(STANDARD_INPUT)) throw new UsageError('Tests stand beside a file: name it');
    const { renderReport, reportJson } = await import('#study/render-tests.ts');
    const reports: TestReport[] = [];
    for (const file of files) reports.push(await runBeside(file, { secrets: !withoutSecrets }));
    const results = reports.flatMap((report) => report.results);
    const failed = results.filter(({ passed }) => !passed).length;
    const counts = { passed: results.length - failed, failed };
    const text = json
      ? `${JSON.stringify({ ...counts, files: reports.map(reportJson) }, null, 2)}\n`
      : reports.map(renderReport).join('');
    process.stdout.write(text);
    return failed === 0 ? ExitCode.Done : ExitCode.Findings;
  },
};

/** @throws {ConfigError} where the configuration or its tests cannot be loaded */
async function runBeside(file: string, options: { readonly secrets: boolean }): Promise<TestReport> {
  const { isTestFile, policyFileOf, testFileOf } = await import('#study/test-file.ts');
  const { runTestFile } = await import('#study/policy-tests.ts');
  const { openTier } = await import('#study/tier.ts');
  const [policyFile, testFile] = isTestFile(file) ? [policyFileOf(file), file] : [file, testFileOf(file)];
  return runTestFile(testFile, await openTier(policyFile, options));
}
