/** Tier 2 goes back by vm/rollback, one machine after the other: to what each of them has kept. */
import { ExitCode } from '../lib/exit-codes.ts';
import { Fault } from '../lib/fault.ts';
import type { Machine } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { isTakenBack, type Thing, takeBack } from '../lib/taken-back.ts';
import { IDENTITY, onMachine, vmScript } from '../steps/tools.ts';
import { settled } from './goal.ts';

/** What vm/rollback puts back. */
export type What = 'configuration' | 'package';

/** A drain of the old process, and a start. */
const BACK_MS = 40 * 60_000;

/** A line of `vm/rollback list`. */
export interface Kept {
  readonly what: What;
  readonly name: string;
  /** ISO 8601: of a configuration when it was written, of a package when it was put in last. */
  readonly at: string;
  /** SHA-256 of its weir.yaml, or of the package. */
  readonly sum: string;
  /** Of a package: several builds may have one. */
  readonly version: string;
  /** Of a package. */
  readonly isInstalled: boolean;
}

export function backOnMachines({ settings }: World, what: What, to: string | undefined): readonly Step[] {
  return settings.machines.map((machine) => ({
    id: `back:${what}:${machine.name}`,
    title: `${machine.name} has the ${what} of before, and vm/verify holds there`,
    cure: `gcloud compute ssh ${machine.name}, and see there; take it out of the peers of tier 1 where it does not come back`,
    async run(world: World) {
      const goal = await settled(world, `${what}.${machine.name}`, () =>
        goalOn(world, machine, { what, to }),
      );
      const [name = '', sum = ''] = goal.split(' ');
      if (!world.shell.isDry) await leave(world, machine, { what, sum });
      const run = vmScript(world, 'rollback', [what, `--to ${name}`]);
      await world.shell.change(onMachine(world, machine, { run, timeoutMs: BACK_MS })).catch(escalated);
      return name;
    },
  }));
}

/** What it has is taken back. One that does not say what that is goes back all the same. */
async function leave(
  world: World,
  machine: Machine,
  { what, sum }: Pick<Kept, 'what' | 'sum'>,
): Promise<void> {
  const step = `vm-install:${machine.name}`;
  const now =
    what === 'package' ? await packageOn(world, machine, step) : await configurationOn(world, machine);
  takeBack(world, { left: thing(what, now), put: thing(what, sum), undone: [step] });
}

function thing(what: What, sum: string): Thing | undefined {
  return sum === '' ? undefined : { kind: what, sum };
}

async function configurationOn(world: World, machine: Machine): Promise<string> {
  const { stdout } = await world.shell.ask(onMachine(world, machine, { run: IDENTITY }));
  return stdout.toString().split(/\s+/)[1] ?? '';
}

/** Where the machine keeps none that is it, or has our scripts of before, it is that of the settings, where nothing was taken back since. */
async function packageOn(world: World, machine: Machine, step: string): Promise<string> {
  const { state, settings } = world;
  const kept = await keptOn(world, machine).catch(() => []);
  const installed = kept.find(({ isInstalled }) => isInstalled);
  if (installed !== undefined) return installed.sum;
  return state.step(step) === undefined ? '' : (settings.text.PACKAGE_SHA256 ?? '');
}

/** vm/rollback ends with 70 where a person must decide. @throws {Fault} */
function escalated(error: unknown): never {
  if (error instanceof Fault && / ended with 70\b/.test(error.message))
    throw new Fault(error.message, error.cure, ExitCode.Escalate);
  throw error;
}

/** What a machine has kept, newest first. @throws {Fault} */
export async function keptOn(world: World, machine: Machine): Promise<readonly Kept[]> {
  const said = await world.shell.look(
    onMachine(world, machine, { run: vmScript(world, 'rollback', ['list']) }),
  );
  return said.split('\n').flatMap((line) => {
    const [what = '', name = '', at = '', sum = '', version = name, mark] = line.split(' ');
    const isInstalled = mark === 'installed';
    return what === 'configuration' || what === 'package'
      ? [{ what, name, at, sum, version, isInstalled }]
      : [];
  });
}

interface Asked {
  readonly what: What;
  readonly to: string | undefined;
}

/** @throws {Fault} where there is nothing to go back to */
async function goalOn(world: World, machine: Machine, { what, to }: Asked): Promise<string> {
  const found = await choose(world, machine, { what, to });
  if (found !== undefined) return `${found.name} ${found.sum}`.trim();
  throw new Fault(
    `${machine.name} has kept no ${what}${to === undefined ? ' before this one' : ` "${to}"`}`,
    'deploy/rollback --list says what each machine has; --tier 1 leaves tier 2 as it is',
    ExitCode.Escalate,
  );
}

/** What was asked for; else the one before that of now. @returns undefined where there is none */
async function choose(world: World, machine: Machine, { what, to }: Asked): Promise<Kept | undefined> {
  const kept = (await keptOn(world, machine)).filter((one) => one.what === what);
  if (to !== undefined)
    return kept.find(({ name }) => name === to) ?? kept.find(({ sum }) => sum !== '' && sum.startsWith(to));
  const said = await world.shell.look(onMachine(world, machine, { run: IDENTITY }));
  const [version = '', sum = ''] = said.split(/\s+/);
  return what === 'package' ? packageBefore(world, version, kept) : beforeThat(sum, kept);
}

/**
 * Another build of the version, or the newest of older versions; of several builds the one that was there last. The order of the installs
 * alone changes with each way back, so none that was taken back: two builds of a version would lead to each other for ever.
 */
function packageBefore(world: World, now: string, kept: readonly Kept[]): Kept | undefined {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const isBefore = ({ version, sum, isInstalled }: Kept): boolean =>
    version === now ? sum !== '' && !isInstalled : compare(version, now) < 0;
  return kept
    .filter((one) => isBefore(one) && !isTakenBack(world, { kind: 'package', sum: one.sum }))
    .toSorted((one, other) => compare(one.version, other.version) || compare(one.at, other.at))
    .at(-1);
}

/** The one of now is in the list as well, where it was put back. */
function beforeThat(sum: string, kept: readonly Kept[]): Kept | undefined {
  const at = kept.findIndex((one) => one.sum === sum);
  return kept.slice(at + 1).find((one) => one.sum !== sum);
}
