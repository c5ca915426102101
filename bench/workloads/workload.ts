/** What a workload is: work that every subject is given in turn, and that is proven to be done rightly before it is timed. */
import { metered, type Work } from '../harness/meter.ts';
import type { Sample } from '../harness/reading.ts';
import type { Stage } from '../harness/stage.ts';
import type { Job, OriginPorts, Path } from '../load/job.ts';
import type { Way } from '../subjects/subject.ts';

/** One subject's turn. */
export interface Turn {
  readonly stage: Stage;
  readonly way: Way;
  /** Of the sweep, where the workload has `levels`. */
  readonly level: number | undefined;
}

/**
 * How long a subject's processes live: through the whole run, for this workload alone, or for one round, where what a process
 * has done before would tell on the result.
 */
export type Lifetime = 'run' | 'workload' | 'round';

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** What `cpu` and `throughput` count. */
  readonly unit: string;
  /** What is done, for the reader of results. */
  readonly story: string;
  /** Of a sweep: what grows from level to level. */
  readonly levelName?: string;
  /** Names of those that take part. */
  readonly subjects: readonly string[];
  /** @default 'run' */
  readonly lifetime?: Lifetime;
  /** How often each subject is given it in a round of the run; more and shorter turns see a machine that drifts in more of its moods. @default 1 */
  readonly laps?: number;
  /** Numbers of domains: every subject is started once for each. */
  readonly levels?: readonly number[];
  /** Milliseconds between the tiers, there and back; such a way is nobody else's, so `lifetime` is not 'run'. @default none */
  readonly roundTripMs?: number;
  /** Proves that every byte and status is right. @throws what was not */
  prove?(turn: Turn): Promise<void>;
  warmUp(turn: Turn): Promise<void>;
  round(turn: Turn): Promise<readonly Sample[]>;
}

/** The way to one of the origin's ports. */
export function pathTo(port: keyof OriginPorts, { stage, way }: Turn): Path {
  const target = { host: way.host, port: stage.ports[port] };
  return way.via === undefined ? { target } : { target, via: way.via };
}

interface JobWorkload extends Pick<Workload, 'name' | 'title' | 'unit' | 'story' | 'subjects' | 'laps'> {
  readonly warmUps: number;
  /** @default the job that is measured */
  warmUpJob?(turn: Turn): Job;
  proof(turn: Turn): Job;
  work(turn: Turn): Work;
}

/** A workload that is one job of the generator, again and again. */
export function jobWorkload({ warmUps, warmUpJob, proof, work, ...told }: JobWorkload): Workload {
  return {
    ...told,
    prove: async (turn) => void (await turn.stage.run(proof(turn))),
    warmUp: async (turn) => {
      const job = warmUpJob?.(turn) ?? work(turn).job;
      for (let done = 0; done < warmUps; done += 1) await turn.stage.run(job);
    },
    round: async (turn) => [{ readings: await metered(turn.stage, turn.way, work(turn)) }],
  };
}
