/**
 * Measures every subject under every workload: first proves that the bytes are right, warms up, then takes rounds in which the
 * subjects follow one another, so that a machine that slows down slows all of them.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, OriginPorts, Result } from '../load/job.ts';
import { cpuSeconds, Program } from './program.ts';
import type { Subject, Way } from './subjects.ts';
import type { Workload } from './workloads.ts';

/** One subject under one workload; a value per round, per unit of work. */
export interface Measured {
  readonly workload: Workload;
  readonly subject: string;
  readonly wallSeconds: number[];
  /** Empty where nothing lies between the load generator and the origin. */
  readonly cpuSeconds: number[];
}

export interface Plan {
  readonly subjects: readonly Subject[];
  readonly workloads: readonly Workload[];
  readonly rounds: number;
}

interface Stage {
  readonly client: Program;
  readonly ports: OriginPorts;
}

/** Jobs before the first that counts: a proxy in Node gets cheaper until its hot functions are compiled. */
const WARM_UPS = 3;
/** After the client has seen the end the proxy still closes and records; that work counts too. */
const SETTLE_MS = 100;

async function seconds(client: Program, job: Job): Promise<number> {
  const result = await client.ask<Result>(job);
  if ('fault' in result) throw new Error(`Cannot use this measurement: ${result.fault}`);
  return result.seconds;
}

async function round({ client, ports }: Stage, way: Way, into: Measured): Promise<void> {
  const { workload } = into;
  const before = way.pid === undefined ? 0 : cpuSeconds(way.pid);
  into.wallSeconds.push((await seconds(client, workload.job(ports, way.via))) / workload.units);
  await sleep(SETTLE_MS);
  if (way.pid !== undefined) into.cpuSeconds.push((cpuSeconds(way.pid) - before) / workload.units);
}

/** Proves, warms up and measures one workload; the ways follow one another in every round. */
async function take(stage: Stage, pairs: readonly [Way, Measured][], rounds: number): Promise<void> {
  const { client, ports } = stage;
  for (const [way, { workload }] of pairs) await seconds(client, workload.prove(ports, way.via));
  for (let done = 0; done < WARM_UPS; done += 1) {
    for (const [way, { workload }] of pairs) await seconds(client, workload.job(ports, way.via));
  }
  for (let done = 0; done < rounds; done += 1) {
    for (const [way, into] of pairs) await round(stage, way, into);
  }
}

/** Runs `plan`. @throws when a subject does not start or a byte is wrong */
export async function measure({ subjects, workloads, rounds }: Plan): Promise<readonly Measured[]> {
  const folder = join(import.meta.dirname, '../load');
  await using owned = new AsyncDisposableStack();
  const [origin, ports] = await Program.fork<OriginPorts>(join(folder, 'origin.ts'));
  owned.use(origin);
  const [client] = await Program.fork(join(folder, 'client.ts'));
  owned.use(client);
  const ways = new Map<Subject, Way>();
  for (const subject of subjects) ways.set(subject, owned.use(await subject.start()));
  const all: Measured[] = [];
  for (const workload of workloads) {
    const pairs = [...ways].map(([{ name }, way]): [Way, Measured] => [
      way,
      { workload, subject: name, wallSeconds: [], cpuSeconds: [] },
    ]);
    await take({ client, ports }, pairs, rounds);
    all.push(...pairs.map(([, measured]) => measured));
  }
  return all;
}
