/**
 * What the programs of deploy/ have in common: their command line, the world that their steps get, and how they end. A test hands
 * another way to execute programs, and others to wait and to tell the time.
 */
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { endRunning, execute, lastEnded } from './execute.ts';
import { ExitCode } from './exit-codes.ts';
import { Fault } from './fault.ts';
import { type Outlet, Report } from './report.ts';
import { readSettings } from './settings.ts';
import { type Execute, Shell } from './shell.ts';
import { State } from './state.ts';
import type { World } from './step.ts';

/** How long what was started may take to tidy up after Ctrl-C. */
const TIDY_MS = 3000;

/** What a program of deploy/ touches beside files. */
export interface Surroundings {
  readonly outlet: Outlet;
  readonly execute: Execute;
  readonly pause: (ms: number) => Promise<void>;
  readonly now: () => string;
}

const REAL: Surroundings = {
  outlet: {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
  },
  execute,
  pause: (ms) => pause(ms),
  now: () => new Date().toISOString(),
};

/** The options that each of these programs has; what else there is comes with the program. */
export const COMMON_OPTIONS = {
  help: { type: 'boolean', default: false },
  settings: { type: 'string' },
  state: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export interface CommonValues {
  readonly settings?: string | undefined;
  readonly state?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly move?: string | undefined;
  readonly again?: boolean | undefined;
}

/** The command line made no sense. */
export function misuse(what: string): Fault {
  return new Fault(`Cannot run: ${what}`, 'see --help', ExitCode.Usage);
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** The options and words of `args`. @throws {Fault} for what there is not */
export function parsed<const T extends Options>(
  args: readonly string[],
  options: T,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    throw misuse((error as Error).message);
  }
}

/** Those of runs that have not ended. */
const openStates = new Set<State>();

/** Opens settings and state, runs `act` with them, and lets them go. @throws {Fault} */
export async function withWorld(
  values: CommonValues,
  surroundings: Surroundings,
  act: (world: World) => Promise<number>,
): Promise<number> {
  const { settings: file, state: stateFile, 'dry-run': isDry = false, json: isJson = false } = values;
  if (file === undefined)
    throw misuse('--settings FILE is needed; deploy/settings.example.env is where to begin');
  if (isDry && isJson) throw misuse('--json tells of steps, and --dry-run prints commands: give one of them');
  const settings = readSettings(file, values.move);
  const report = new Report(surroundings.outlet, { isJson });
  const shell = new Shell(surroundings.execute, report, isDry);
  const state = State.open(stateFile ?? stateFileOf(file), isDry);
  openStates.add(state);
  try {
    const { pause, now } = surroundings;
    return await act({ settings, state, shell, report, isAgain: values.again ?? false, pause, now });
  } finally {
    openStates.delete(state);
    state.close();
  }
}

/** Beside the settings, by the same name. */
export function stateFileOf(settings: string): string {
  return `${settings.replace(/\.env$/, '')}.state.json`;
}

export type Main = (args: readonly string[], surroundings: Surroundings) => Promise<number>;

/** Runs `main` as this process. What it and the programs that it starts write is for its owner alone. */
export async function runProgram(main: Main): Promise<void> {
  process.umask(0o077);
  // Who reads no more of it (`| head`) is no reason to stop in the middle.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, breakOff);
  process.exitCode = await ended(main, process.argv.slice(2), REAL);
}

/** Ctrl-C reaches what was started, too, which then tidies up; where it was sent to this process alone, or is sent again, that is ended. */
async function breakOff(signal: NodeJS.Signals): Promise<void> {
  if (signal === 'SIGINT') {
    process.once(signal, leave);
    await lastEnded(TIDY_MS);
  }
  leave(signal);
}

/** The next run may begin, wherever, and finds nothing at work here. */
function leave(signal: NodeJS.Signals): void {
  endRunning();
  for (const state of openStates) state.close();
  process.stderr.write('\nBroken off. Start this again: it goes on where it was\n');
  process.removeListener(signal, leave);
  process.kill(process.pid, signal);
}

/** Runs `main`, says what went wrong, and tells what it ends with. */
export async function ended(
  main: Main,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  try {
    return await main(args, surroundings);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    surroundings.outlet.err(`${error.message}\nTo do: ${error.cure}`);
    return error.exitCode;
  }
}
