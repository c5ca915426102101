/**
 * Runs every workload on every subject: proves, warms up, then takes rounds in which the subjects follow one another, so that a
 * machine that slows down slows all of them. A subject that fails is left out of that workload, and told.
 */
import type { Setting, Way } from '../subjects/subject.ts';
import type { Turn, Workload } from '../workloads/workload.ts';
import { type Contestant, contestantsOf, type Outcome, type Plan, roundsOf, stepsOf } from './plan.ts';
import type { Sample } from './reading.ts';
import { Stage } from './stage.ts';

/** Runs `plan` from start to end, and ends every process that it started. */
export async function runPlan(plan: Plan): Promise<Outcome> {
  await using runner = new Runner(plan, await Stage.start());
  for (const workload of plan.workloads) await runner.take(workload);
  return runner.outcome;
}

/** A contestant in its workload, with the turn that it takes again and again; none where each round has processes of its own. */
interface Entry extends Contestant {
  readonly workload: Workload;
  turn: Turn | undefined;
}

class Runner implements AsyncDisposable {
  readonly outcome: Outcome = { observations: [], faults: [] };
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #total: number;
  readonly #owned = new AsyncDisposableStack();
  /** Those that live as long as the run. */
  readonly #ways = new Map<string, Way>();
  #steps = 0;

  constructor(plan: Plan, stage: Stage) {
    this.#plan = plan;
    this.#stage = this.#owned.use(stage);
    this.#total = stepsOf(plan);
  }

  async take(workload: Workload): Promise<void> {
    await using owner = new AsyncDisposableStack();
    let entries = contestantsOf(this.#plan, workload).map(
      (contestant): Entry => ({ ...contestant, workload, turn: undefined }),
    );
    entries = await this.#withAll(entries, 'proof and warm-up', (entry) => this.#enter(entry, owner));
    for (let round = 1; round <= roundsOf(this.#plan, workload); round += 1) {
      entries = await this.#withAll(entries, `round ${round}`, (entry) => this.#round(entry, round));
      if (this.#plan.isMirrored) entries.reverse();
    }
  }

  /** Does `work` with each of `entries` in turn. @returns those for which it went well; what went wrong is noted */
  async #withAll(
    entries: readonly Entry[],
    what: string,
    work: (entry: Entry) => Promise<void>,
  ): Promise<Entry[]> {
    const well: Entry[] = [];
    for (const entry of entries) {
      const [workload, subject] = [entry.workload.title, entry.subject.title];
      this.#plan.onStep({ workload, subject, what, index: this.#steps, total: this.#total });
      this.#steps += 1;
      try {
        await work(entry);
        well.push(entry);
      } catch (error) {
        this.outcome.faults.push({ workload, subject, message: `${what}: ${(error as Error).message}` });
        // The rounds that it will not take.
        this.#steps += roundsOf(this.#plan, entry.workload);
      }
    }
    return well;
  }

  async #enter(entry: Entry, owner: AsyncDisposableStack): Promise<void> {
    if (entry.workload.lifetime === 'round') return;
    const turn = { stage: this.#stage, way: await this.#way(entry, owner), level: entry.level };
    await entry.workload.prove?.(turn);
    await entry.workload.warmUp(turn);
    entry.turn = turn;
  }

  async #round(entry: Entry, round: number): Promise<void> {
    const { workload, subject, level, turn } = entry;
    const samples = await (turn === undefined ? this.#alone(entry) : workload.round(turn));
    for (const sample of samples) {
      this.outcome.observations.push({
        workload: workload.name,
        subject: subject.name,
        round,
        ...(level === undefined ? {} : { level }),
        ...sample,
      });
    }
  }

  /** A round in processes that are started for it. */
  async #alone(entry: Entry): Promise<readonly Sample[]> {
    const { workload, subject, level } = entry;
    await using way = await subject.start(this.#settingOf(entry));
    const turn = { stage: this.#stage, way, level };
    await workload.warmUp(turn);
    return await workload.round(turn);
  }

  /** A way that ends with `owner`, or one that is shared by all workloads that do not mind. */
  async #way(entry: Entry, owner: AsyncDisposableStack): Promise<Way> {
    const { workload, subject } = entry;
    const setting = this.#settingOf(entry);
    if (workload.lifetime === 'workload') return owner.use(await subject.start(setting));
    const shared = this.#ways.get(subject.name) ?? this.#owned.use(await subject.start(setting));
    this.#ways.set(subject.name, shared);
    return shared;
  }

  #settingOf({ workload, level }: Entry): Setting {
    return { ports: this.#stage.ports, domains: level, roundTripMs: workload.roundTripMs };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}
