/** Tier 2 goes back by vm/rollback, one machine after the other: to what each of them has kept. */
import { ExitCode } from '../lib/exit-codes.ts';
import { Fault } from '../lib/fault.ts';
import type { Machine } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { packageNamed, type Thing, takeBack } from '../lib/taken-back.ts';
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
  /** ISO 8601, of a configuration. */
  readonly at: string;
  /** SHA-256 of its weir.yaml, of a configuration. */
  readonly sum: string;
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
      if (!world.shell.isDry) await leave(world, machine, { what, name, sum });
      const run = vmScript(world, 'rollback', [what, `--to ${name}`]);
      await world.shell.change(onMachine(world, machine, { run, timeoutMs: BACK_MS })).catch(escalated);
      return name;
    },
  }));
}

/** What it has is taken back. One that does not say what that is goes back all the same. */
async function leave(world: World, machine: Machine, { what, name, sum }: Omit<Kept, 'at'>): Promise<void> {
  const { stdout } = await world.shell.ask(onMachine(world, machine, { run: IDENTITY }));
  const [version = '', now = ''] = stdout.toString().split(/\s+/);
  const step = `vm-install:${machine.name}`;
  const left = what === 'package' ? packageOn(world, step, version) : configuration(now);
  const put = what === 'package' ? packageNamed(world, name) : configuration(sum);
  takeBack(world, { left, put, undone: [step] });
}

function configuration(sum: string): Thing | undefined {
  return sum === '' ? undefined : { kind: 'configuration', sum };
}

/** A version of ours before this one kept no names: then it is that of the settings, where nothing was taken back since. */
function packageOn(world: World, step: string, version: string): Thing | undefined {
  const { state, settings } = world;
  const ofSettings: Thing = { kind: 'package', sum: settings.text.PACKAGE_SHA256 ?? '' };
  return packageNamed(world, version) ?? (state.step(step) === undefined ? undefined : ofSettings);
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
    const [what = '', name = '', at = '', sum = ''] = line.split(' ');
    return what === 'configuration' || what === 'package' ? [{ what, name, at, sum }] : [];
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
    return kept.find(({ name, sum }) => name === to || (sum !== '' && sum.startsWith(to)));
  const said = await world.shell.look(onMachine(world, machine, { run: IDENTITY }));
  const [version = '', sum = ''] = said.split(/\s+/);
  return what === 'package' ? olderThan(version, kept) : beforeThat(sum, kept);
}

/** Of versions the newest that is older: the order of their installs changes with each way back. */
function olderThan(version: string, kept: readonly Kept[]): Kept | undefined {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return kept
    .filter(({ name }) => compare(name, version) < 0)
    .toSorted((one, other) => compare(one.name, other.name))
    .at(-1);
}

/** The one of now is in the list as well, where it was put back. */
function beforeThat(sum: string, kept: readonly Kept[]): Kept | undefined {
  const at = kept.findIndex((one) => one.sum === sum);
  return kept.slice(at + 1).find((one) => one.sum !== sum);
}
