/** What a deployment is made of: steps in an order, each of which can tell whether it is done, do it, and say what to do where it fails. */
import type { Fault } from './fault.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';
import type { State } from './state.ts';

/** What every step has at hand. */
export interface World {
  readonly settings: Settings;
  readonly state: State;
  readonly shell: Shell;
  readonly report: Report;
  /** Whether somebody means what deploy/rollback took back to come again. */
  readonly isAgain: boolean;
  /** Waits; a test does not. */
  readonly pause: (ms: number) => Promise<void>;
  /** @returns ISO 8601 */
  readonly now: () => string;
}

export interface Step {
  /** Also what `--from` and `--only` take: letters, digits, `-`, and `:` before the name of what it is for. */
  readonly id: string;
  /** What is so once it is done. */
  readonly title: string;
  /** Those that it builds upon: where one of them is done anew, so is this. */
  readonly after?: readonly string[];
  /** It only looks, quickly: done in each run, and never remembered. */
  readonly isAlways?: boolean;
  /** What it builds upon, no step makes, and is not there or cannot be used. Asked before any step is run. */
  readonly lacks?: (world: World) => readonly Fault[];
  /** What it goes by, as a value that JSON can have: it is done anew where this has changed. */
  readonly inputs?: (world: World) => unknown;
  /** Whether what it has made is gone, or may be another by now: then it is run, also where it is remembered. */
  readonly isStale?: (world: World) => boolean;
  /** Whether the world is already so, also where nobody remembers: then it is not run. */
  readonly isDone?: (world: World) => Promise<boolean>;
  /** Does it, so that doing it again does no harm. @returns what a person may want to know of it @throws {Fault} */
  readonly run: (world: World) => Promise<string | undefined>;
  /** How long it may take, where that is more than a minute or two: `up to 30 minutes`. */
  readonly patience?: string;
  /** What to do where it fails, and the fault itself does not know. */
  readonly cure: string;
  /** Where it fails: go on from that step again, so many times at most. */
  readonly back?: { readonly to: string; readonly times: number };
}
