/** The command line of `deploy/rollback`. */
import { existsSync } from 'node:fs';
import { advise, goBack } from '../ways-back/go-back.ts';
import { SEVERITIES, type Severity } from '../ways-back/goal.ts';
import { listed } from '../ways-back/list.ts';
import type { Asked } from '../ways-back/way-back.ts';
import { ExitCode } from './exit-codes.ts';
import { COMMON_OPTIONS, type Main, misuse, parsed, withWorld } from './program.ts';
import type { World } from './step.ts';

const HELP = `deploy/rollback policy|version --settings FILE [--tier 1|2 [--to WHICH]] [--dry-run | --json]
deploy/rollback squid --settings FILE [--drain SECONDS] [--dry-run | --json]
deploy/rollback --settings FILE --list | --suggest

Goes back, by how bad it is, and verifies what it came to. Each step is ✓, or ✗ with what to do; started again it goes on where it was.

  policy              The policy before, or another one of the last ten: in force within a second once its file has changed. Nothing
                      restarts. Tier 2 first, then tier 1
  version             The image of tier 1 and the package of tier 2 before. Pods and machines drain, one after the other
  squid               The proxy that was there before Weir: no new traffic, old proxy back, names back, time for what is kept and what
                      is open, and only then Weir is taken out
  --settings FILE     What was put in, and where: deploy/settings.example.env
  --state FILE        What deploy/deploy has remembered; beside the settings without it
  --tier 1|2          That tier, and not both
  --to WHICH          Another one of --list; of one tier
  --drain SECONDS     How long what is open may take to end (default: 570)
  --list              What there is to go back to: severity, where, name, hash, when, who
  --suggest           Verify, and say on standard output which way fits: none, mend (none helps), policy, version or squid
  --dry-run           Print the commands that would change something, one a line, and change nothing
  --json              A line of JSON for each step on standard output

Logs, events and hashes are kept beside the state, and NOTIFY of the settings is told how it ended.

Exit codes: 0 back, and all holds, 1 a step is ✗ (start it again), or of --suggest: not all holds, of --list: a machine does not
answer, 64 usage, 66 no such file or folder, 70 what was put back does not hold, or there is nothing to put back: escalate, 78 settings are wrong.

Examples:
  deploy/rollback --settings prod.env --suggest                                  What to do
  deploy/rollback policy --settings prod.env                                     The policy before, both tiers
  deploy/rollback policy --settings prod.env --tier 1 --to 000003-9f86d081       That one
  deploy/rollback version --settings prod.env --dry-run                          What would be done
  deploy/rollback squid --settings prod.env                                      Back to the proxy before Weir`;

const OPTIONS = {
  ...COMMON_OPTIONS,
  tier: { type: 'string' },
  to: { type: 'string' },
  drain: { type: 'string' },
  list: { type: 'boolean', default: false },
  suggest: { type: 'boolean', default: false },
} as const;

interface Words extends Asked {
  readonly list?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly suggest?: boolean | undefined;
}

export const rollbackMain: Main = async (args, surroundings) => {
  const { values, positionals } = parsed(args, OPTIONS, true);
  if (values.help) {
    surroundings.outlet.out(HELP);
    return ExitCode.Done;
  }
  const severity = understood(positionals, values);
  // It only looks, and does not wait for a run that goes on.
  return withWorld({ ...values, 'dry-run': values['dry-run'] || values.list }, surroundings, (world) => {
    if (values.list) return list(world);
    const { tier, to, drain } = values;
    return severity === undefined ? advise(world) : goBack(world, severity, { tier, to, drain });
  });
};

/** @returns undefined where nothing is to be put back @throws {Fault} */
function understood(words: readonly string[], asked: Words): Severity | undefined {
  const severity = SEVERITIES.find((one) => one === words[0]);
  if (words.length > (severity === undefined ? 0 : 1)) throw misuse(`there is no "${words.join(' ')}"`);
  const ways = [severity, asked.list || undefined, asked.suggest || undefined];
  if (ways.filter((way) => way !== undefined).length !== 1)
    throw misuse('say policy, version or squid; or --list; or --suggest');
  if (asked.list && asked.json) throw misuse('--json tells of steps that are run: leave out --list or it');
  checkOptions(severity, asked);
  return severity;
}

/** @throws {Fault} for what does not go with `severity` */
function checkOptions(severity: Severity | undefined, { tier, to, drain }: Asked): void {
  const isOfTiers = severity === 'policy' || severity === 'version';
  if (tier !== undefined && !(isOfTiers && /^[12]$/.test(tier)))
    throw misuse('--tier is 1 or 2, of policy and version');
  if (to !== undefined && !(tier !== undefined && /^[\w.:+~-]+$/.test(to)))
    throw misuse('--to is a name of --list, and needs --tier');
  if (drain !== undefined && !(severity === 'squid' && /^\d{1,5}$/.test(drain)))
    throw misuse('--drain is seconds, of squid');
}

async function list(world: World): Promise<number> {
  const { report, state } = world;
  if (!existsSync(state.file))
    report.note(`What was there before is not known: there is no ${state.file}; --state says where it is`);
  const { lines, faults } = await listed(world);
  for (const line of lines) report.command(line);
  for (const { message, cure } of faults) report.note(`${message}\n  To do: ${cure}`);
  if (lines.length + faults.length === 0) report.end('There is nothing to go back to');
  return faults.length === 0 ? ExitCode.Done : ExitCode.Wrong;
}
