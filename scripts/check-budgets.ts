/**
 * Budgets that Biome has no rule for: lines per file and local imports per file. Owns the one list of exceptions to any budget,
 * each by name with its reason; a `biome-ignore` of a budget rule anywhere else is a finding, and so is an exception that is no
 * longer needed. Function length, complexity and parameters are Biome's (biome.json).
 */
import { type Finding, report, type SourceFile, sourceFiles } from './lib/sources.ts';

type Budget = 'lines' | 'imports' | 'function';

interface Exception {
  readonly path: string;
  readonly budget: Budget;
  readonly reason: string;
}

/** Who may exceed what, and why. Every entry is a debt or a table; a debt names the issue that will pay it. */
const EXCEPTIONS: readonly Exception[] = [
  {
    path: 'bench/workloads/all.ts',
    budget: 'imports',
    reason: 'names each workload once, and does no more',
  },
  {
    path: 'deploy/steps/all.ts',
    budget: 'imports',
    reason: 'names each step of a deployment once, and does no more',
  },
  {
    path: 'src/cli.ts',
    budget: 'imports',
    reason: 'names each command once, and does no more',
  },
  {
    path: 'src/config/assemble.ts',
    budget: 'imports',
    reason: 'puts every section of the file together, and does no more',
  },
  {
    path: 'src/config/config.ts',
    budget: 'imports',
    reason: 'a field for each section: types of fields, and no code',
  },
  {
    path: 'src/config/crosscheck.ts',
    budget: 'imports',
    reason: 'names each check once, and does no more',
  },
  {
    path: 'src/config/schema.ts',
    budget: 'imports',
    reason: 'names each section of the file once, and does no more',
  },
  {
    path: 'src/proxy/context.ts',
    budget: 'imports',
    reason: 'a field for each part that is shared: types of fields, and no code',
  },
  {
    path: 'src/proxy/handle.ts',
    budget: 'imports',
    reason: 'names each step of the pipeline once, and does no more',
  },
  {
    path: 'src/proxy/listener.ts',
    budget: 'imports',
    reason: 'puts together what a connection passes on its way in, and does no more',
  },
  {
    path: 'src/proxy/start.ts',
    budget: 'imports',
    reason: 'composes a proxy: names each part once, and does no more',
  },
  {
    path: 'src/proxy/transaction.ts',
    budget: 'imports',
    reason: 'a field for each fact: mostly types of fields',
  },
  {
    path: 'src/service.ts',
    budget: 'imports',
    reason: 'composes what one process serves with: names each part once, and does no more',
  },
  {
    path: 'src/worker.ts',
    budget: 'imports',
    reason: 'composes what a worker shares with its host: names each part once, and does no more',
  },
  {
    path: 'test/conformance/rfc9110.ts',
    budget: 'lines',
    reason: 'a table: one row for each requirement',
  },
  {
    path: 'test/conformance/rfc9112.ts',
    budget: 'lines',
    reason: 'a table: one row for each requirement',
  },
  {
    path: 'test/peers/big.ts',
    budget: 'lines',
    reason: 'one story for each real component, which share their stage',
  },
  {
    path: 'test/peers/clients.ts',
    budget: 'lines',
    reason: 'one story for each real component, which share their stage',
  },
  {
    path: 'test/peers/signals.ts',
    budget: 'lines',
    reason: 'one story for each real component, which share their stage',
  },
  {
    path: 'test/unit/acl/guard.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/config/load.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/net/client-hello.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/peer/connect.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/net/duplex.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/net/http-exchange.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/net/leg.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/net/tcp-handle.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/net/tls-leg.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/net/tcp-leg.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/net/resolver.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/peer/connect-reply.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/pods/watch.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/study/render-explanation.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/record/line-writer.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
  {
    path: 'test/unit/supervisor/crew.ts',
    budget: 'lines',
    reason: 'every case of one source file, told one after the other',
  },
];

const MAX_LINES = 250;
const MAX_LOCAL_IMPORTS = 10;
const LOCAL_IMPORT = /^(?:import|export)\b[^'"]*['"](?:\.{1,2}\/|#)|^\} from ['"](?:\.{1,2}\/|#)/;
const IGNORED_BUDGET =
  /biome-ignore(?:-all)? lint\/complexity\/(?:noExcessiveLinesPerFunction|noExcessiveCognitiveComplexity|useMaxParams)/;

interface Excess extends Finding {
  readonly path: string;
  readonly budget: Budget;
}

function lines({ path, lines: text }: SourceFile): readonly Excess[] {
  const count = text.at(-1) === '' ? text.length - 1 : text.length;
  if (count <= MAX_LINES) return [];
  const cure = 'split it by what changes together; a file is named after the one thing it decides or owns';
  return [
    {
      path,
      budget: 'lines',
      at: `${path}:${MAX_LINES + 1}`,
      problem: `${count} lines, budget ${MAX_LINES}`,
      cure,
    },
  ];
}

function imports({ path, lines: text }: SourceFile): readonly Excess[] {
  const at = text.flatMap((line, index) => (LOCAL_IMPORT.test(line) ? [index + 1] : []));
  if (at.length <= MAX_LOCAL_IMPORTS) return [];
  const problem = `${at.length} local imports, budget ${MAX_LOCAL_IMPORTS}`;
  const cure =
    'a file that needs so many others orchestrates too much: move a step with its imports into a file';
  return [{ path, budget: 'imports', at: `${path}:${at[MAX_LOCAL_IMPORTS]}`, problem, cure }];
}

function suppressions({ path, lines: text }: SourceFile): readonly Excess[] {
  return text.flatMap((line, index) =>
    IGNORED_BUDGET.test(line)
      ? [
          {
            path,
            budget: 'function' as const,
            at: `${path}:${index + 1}`,
            problem: 'a function budget is switched off here',
            cure: 'split the function, or add the file to EXCEPTIONS in scripts/check-budgets.ts with a reason',
          },
        ]
      : [],
  );
}

const covers = (exception: Exception, excess: Excess): boolean =>
  exception.path === excess.path && exception.budget === excess.budget;

const files = sourceFiles(['src', 'test', 'bench', 'scripts', 'deploy', 'k8s']);
const self = 'scripts/check-budgets.ts';
/** This file and its test quote what they look for. */
const excesses = files
  .filter(({ path }) => path !== self && !path.startsWith('test/checks/'))
  .flatMap((file) => {
    const ofTest = file.path.startsWith('test/');
    return [...lines(file), ...(ofTest ? [] : imports(file)), ...suppressions(file)];
  });
const unused = EXCEPTIONS.filter((exception) => !excesses.some((excess) => covers(exception, excess))).map(
  ({ path, budget }) => ({
    at: self,
    problem: `the exception for ${path} (${budget}) is not needed any more`,
    cure: 'delete it',
  }),
);
report(
  'budgets',
  [...excesses.filter((excess) => !EXCEPTIONS.some((exception) => covers(exception, excess))), ...unused],
  `${files.length} files, ${EXCEPTIONS.length} exceptions`,
);
