/** The command line of `deploy/verify`, and what it ends with. */
import { allChecks, sceneOf } from '../checks/all.ts';
import { type Check, leftOut, runChecks, type Wrong } from '../checks/check.ts';
import { ExitCode } from './exit-codes.ts';
import { COMMON_OPTIONS, type Main, misuse, parsed, withWorld } from './program.ts';
import type { World } from './step.ts';

const HELP = `deploy/verify --settings FILE [--only CHECKS | --without CHECKS] [--dry-run | --json]

Shows that Weir works, and changes nothing but for the Jobs that try it from where clients are, which it takes away again: both tiers are
healthy and each the same all over, names lead to Weir, what the policy gives gets through, what it refuses is refused by the name of a
rule, a pod without the proxy gets nowhere, and monitoring sees it all. Each check is ✓, or ✗ with what to do. What could not be tried is ✗.
What is not there by intent is –, with why, and the last line names it: ways around before the clients of all listeners have moved, and
monitoring without PROMETHEUS. By its name in --only it is looked at all the same.

  --settings FILE     What was put in, and where: deploy/settings.example.env
  --state FILE        What deploy/deploy has remembered; beside the settings without it
  --only CHECKS       These and no other, with commas between them
  --without CHECKS    All but these; the last line says so
  --list              The checks
  --dry-run           Print the commands that would change something, one a line; what does not hold now is told, and is no fault
  --json              A line of JSON for each check on standard output

Exit codes: 0 all holds, 1 something does not, 64 usage, 66 no such file, 78 settings are wrong.

Examples:
  deploy/verify --settings prod.env                          All of it
  deploy/verify --settings prod.env --only bypass            That nobody gets around
  deploy/verify --settings prod.env --without bypass-node    All but what is known`;

const OPTIONS = {
  ...COMMON_OPTIONS,
  only: { type: 'string' },
  without: { type: 'string' },
  list: { type: 'boolean', default: false },
} as const;

interface Chosen {
  readonly only?: string | undefined;
  readonly without?: string | undefined;
  readonly list?: boolean | undefined;
}

export const verifyMain: Main = async (args, surroundings) => {
  const { values } = parsed(args, OPTIONS);
  if (values.help) {
    surroundings.outlet.out(HELP);
    return ExitCode.Done;
  }
  if (values.only !== undefined && values.without !== undefined)
    throw misuse('give one of --only and --without');
  if (values.list && values.json) throw misuse('--json tells of checks that are run: leave out --list or it');
  return withWorld({ ...values, 'dry-run': values['dry-run'] || values.list }, surroundings, (world) =>
    verify(world, values),
  );
};

async function verify(world: World, { only, without, list }: Chosen): Promise<number> {
  const all = allChecks(world);
  const named = (only ?? without)?.split(',') ?? [];
  const unknown = named.find((name) => !all.some(({ id }) => id === name));
  if (unknown !== undefined) throw misuse(`there is no check "${unknown}": --list`);
  if (list) {
    for (const { id, title } of all) world.report.command(`${id}\t${title}`);
    return ExitCode.Done;
  }
  const isChosen = ({ id }: Check): boolean => named.includes(id) === (only !== undefined);
  const chosen = all.filter(isChosen);
  const checks = only === undefined ? chosen : chosen.map(asked);
  const { wrong, unasked } = await runChecks(checks, sceneOf(world));
  const left = all.filter((check) => !isChosen(check)).map(({ id }) => id);
  world.report.end(lastLine(world, wrong, [...left, ...unasked]));
  return wrong.length === 0 ? ExitCode.Done : ExitCode.Wrong;
}

/** What is asked for by its name is looked at. */
function asked({ unasked: _, ...check }: Check): Check {
  return check;
}

function lastLine({ shell }: World, wrong: readonly Wrong[], left: readonly string[]): string {
  const told = leftOut(left);
  if (shell.isDry) return `Dry run: nothing was changed${told}`;
  if (wrong.length === 0) return `Everything holds${told}`;
  return `Does not hold: ${wrong.map(({ id }) => id).join(', ')}${told}`;
}
