/** The command line of `deploy/deploy`, and what it does with it. */
import { existsSync } from 'node:fs';
import { allSteps } from '../steps/all.ts';
import { isStopped } from '../ways-back/goal.ts';
import { ExitCode } from './exit-codes.ts';
import { Fault } from './fault.ts';
import { notify } from './notify.ts';
import { COMMON_OPTIONS, type Main, misuse, parsed, withWorld } from './program.ts';
import { leftOf, type Range, runSteps } from './runner.ts';
import type { Step, World } from './step.ts';

const HELP = `deploy/deploy --settings FILE [--move LISTENERS] [--only STEPS | [--from STEP] [--until STEP]] [--again]
              [--dry-run | --json]
deploy/deploy --settings FILE --list

Puts Weir in: tier 2 on its virtual machines, keys and certificates, tier 1 in the cluster, names, monitoring; tries each part before
the next one builds upon it. Each step is ✓, or ✗ with what to do; started again it goes on where it was, and does nothing twice.

  --settings FILE     What is to be put in, and where: deploy/settings.example.env
  --state FILE        What is done; beside the settings without it. Keep it: going back needs it
  --move LISTENERS    Whose clients come to Weir now, with commas, all or none, in the place of MOVE of the settings. The others stay
                      where they are, such as with a Squid
  --from STEP         Do this step and all behind it anew
  --only STEPS        Do these steps and no other anew, with commas between them
  --until STEP        End behind this one
  --again             Put in what deploy/rollback took back, where settings and files name it still; without it that is refused
  --list              The steps, and what is done of them
  --dry-run           Print the commands that would change something, one a line, and change nothing; it looks at what is there
  --json              A line of JSON for each step on standard output

All that is missing before the first step can be begun is said at once, and nothing is begun then.

Exit codes: 0 all is in, 1 a step is ✗, 64 usage, 66 no such file or folder, 70 escalate, 78 settings are wrong.

Examples:
  deploy/deploy --settings prod.env --dry-run              What would be done
  deploy/deploy --settings prod.env --move none            All of it beside the old proxy, and no client comes yet
  deploy/deploy --settings prod.env --move microsoft       The clients of one listener come, the others stay
  deploy/deploy --settings prod.env                        Those of MOVE
  deploy/deploy --settings prod.env --only monitoring      That step again`;

const OPTIONS = {
  ...COMMON_OPTIONS,
  move: { type: 'string' },
  from: { type: 'string' },
  only: { type: 'string' },
  until: { type: 'string' },
  again: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
} as const;

export const deployMain: Main = async (args, surroundings) => {
  const { values } = parsed(args, OPTIONS);
  if (values.help) {
    surroundings.outlet.out(HELP);
    return ExitCode.Done;
  }
  if (values.only !== undefined && (values.from ?? values.until) !== undefined)
    throw misuse('--only names all that is done: leave out --from and --until, or it');
  if (values.list && values.json) throw misuse('--json tells of steps that are run: leave out --list or it');
  return withWorld({ ...values, 'dry-run': values['dry-run'] || values.list }, surroundings, (world) => {
    const steps = allSteps(world.settings);
    requireSteps(steps, values);
    return values.list ? list(steps, world) : deploy(steps, world, values);
  });
};

interface Asked {
  readonly from?: string | undefined;
  readonly only?: string | undefined;
  readonly until?: string | undefined;
}

function requireSteps(steps: readonly Step[], { from, only, until }: Asked): void {
  for (const name of [from, until, ...(only?.split(',') ?? [])]) {
    if (name !== undefined && !steps.some(({ id }) => id === name))
      throw misuse(`there is no step "${name}" with these settings; --list has those that there are`);
  }
  if (from === undefined || until === undefined) return;
  if (positionOf(until, steps) < positionOf(from, steps))
    throw misuse(`--until ${until} comes before --from ${from}; --list has the order`);
}

const positionOf = (name: string, steps: readonly Step[]): number => steps.findIndex(({ id }) => id === name);

async function deploy(steps: readonly Step[], world: World, asked: Asked): Promise<number> {
  if (asked.only === undefined) refuseStopped(steps, world, asked.from);
  const range: Range = { from: asked.from, only: asked.only?.split(','), until: asked.until };
  const status = await runSteps(steps, world, range);
  const left = leftOf(steps, world);
  await notify(world, { event: eventOf(status, left), exitCode: status, left: left.join() || undefined });
  world.report.end(lastLine(status, left, world));
  return status;
}

/** That Weir is in is said where all of it is, whatever this run has done of it. */
function eventOf(status: number, left: readonly string[]): string {
  if (status !== ExitCode.Done) return 'deploy-failed';
  return left.length === 0 ? 'deployed' : 'deployed-in-part';
}

/** What is done is remembered, and does not bring back traffic that a rollback has stopped. @throws {Fault} */
function refuseStopped(steps: readonly Step[], world: World, from: string | undefined): void {
  const restores = from !== undefined && positionOf(from, steps) <= positionOf('objects', steps);
  const { file } = world.settings;
  if (isStopped(world) && !restores)
    throw new Fault(
      'deploy/rollback squid was begun and has not ended: new traffic does not come to Weir, or not all of it',
      `end it: deploy/rollback squid --settings ${file}; or stay with Weir: deploy/deploy --settings ${file} --from objects`,
    );
}

function lastLine(status: number, left: readonly string[], { shell, state }: World): string {
  if (shell.isDry) return 'Dry run: nothing was changed';
  if (status !== ExitCode.Done) return 'Do what is said above, then start this again: it goes on there';
  const done = left.length === 0 ? 'Done' : `Done as far as it was asked for; left: ${left.join(', ')}`;
  return existsSync(state.file) ? `${done}. What is done is kept in ${state.file}` : done;
}

async function list(steps: readonly Step[], { state, report }: World): Promise<number> {
  if (!existsSync(state.file)) report.note(`Nothing is known to be done: there is no ${state.file}`);
  for (const { id, title, isAlways } of steps) {
    const done = isAlways ? 'each time' : (state.step(id)?.at ?? 'to do');
    report.command(`${id}\t${done}\t${title}`);
  }
  return ExitCode.Done;
}
