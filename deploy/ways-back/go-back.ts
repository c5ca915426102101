/** Goes a way back, verifies what it came to, and tells who is to be told; or only says which way fits. */
import { allChecks, sceneOf } from '../checks/all.ts';
import { leftOut, type Outcome, runChecks } from '../checks/check.ts';
import { ExitCode } from '../lib/exit-codes.ts';
import { notify } from '../lib/notify.ts';
import { runSteps } from '../lib/runner.ts';
import type { World } from '../lib/step.ts';
import { begin, end, type Severity, settled, triedSince } from './goal.ts';
import { leaveWeir } from './leave-weir.ts';
import { suggest } from './suggest.ts';
import { type Asked, wayBack } from './way-back.ts';

/** Says on standard output which way back fits. */
export async function advise(world: World): Promise<number> {
  const { wrong, unasked } = await runChecks(allChecks(world), sceneOf(world));
  const { way, because } = suggest(wrong, triedSince(world));
  world.report.end(`${because}${leftOut(unasked)}`);
  world.report.command(way);
  return wrong.length === 0 ? ExitCode.Done : ExitCode.Wrong;
}

/** Steps, then checks; what is remembered of it goes only once both are over. */
export async function goBack(world: World, severity: Severity, asked: Asked): Promise<number> {
  const { report, shell } = world;
  if (begin(world, { severity, asked: JSON.stringify(asked) }))
    report.note('Going on with what was broken off');
  const { steps, checks } = wayBack(world, severity, asked);
  const status = await runSteps(steps, world);
  if (status !== ExitCode.Done) {
    if (shell.isDry) return dry(world, status);
    report.end('Do what is said above, then start this again: it goes on there');
    await notify(world, {
      event: status === ExitCode.Escalate ? 'escalate' : 'rollback-failed',
      severity,
      exitCode: status,
    });
    return status;
  }
  const outcome = await runChecks(checks(), sceneOf(world));
  return shell.isDry ? dry(world, status) : over(world, severity, outcome);
}

function dry({ report }: World, status: number): number {
  report.end('Dry run: nothing was changed');
  return status;
}

async function over(world: World, severity: Severity, outcome: Outcome): Promise<number> {
  const { report } = world;
  const wrong = outcome.wrong.map(({ id }) => id).join(', ');
  const left = leftOut(outcome.unasked);
  const exitCode = wrong === '' ? ExitCode.Done : ExitCode.Escalate;
  const file = await settled(world, 'evidence', async () => 'nowhere');
  if (severity === 'squid') leaveWeir(world, wrong === '');
  end(world, severity);
  report.end(
    wrong === ''
      ? `Back, and all holds${left}. Evidence: ${file}`
      : `Back, but does not hold: ${wrong}${left}. Escalate. Evidence: ${file}`,
  );
  await notify(world, {
    event: wrong === '' ? 'rolled-back' : 'escalate',
    severity,
    exitCode,
    evidence: file,
    wrong,
  });
  return exitCode;
}
