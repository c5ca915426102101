/** A Job from its begin to its end: one of the same name goes first, then it is made, waited for, read, and taken away. */
import { Fault } from '../lib/fault.ts';
import type { World } from '../lib/step.ts';
import { kubectl } from './tools.ts';

export interface Job {
  readonly job: string;
  readonly namespace: string;
  /** The arguments of kubectl that make it. */
  readonly make: readonly string[];
}

/** Of a pod that Kubernetes is to run once, and to end after `limitS`. */
export interface JobParts<Spec> {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly limitS: number;
  /** Of its pod. */
  readonly spec: Spec;
}

/** As Kubernetes takes it; what is left of it goes away by itself. */
export function jobManifest<Spec extends object>({ name, labels, limitS, spec }: JobParts<Spec>) {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: limitS,
      ttlSecondsAfterFinished: 600,
      template: { metadata: { labels }, spec },
    },
  };
}

const POLLS = 90;
const BETWEEN_MS = 2_000;

/** @returns what it printed, and whether it ended well; undefined in a dry run @throws {Fault} where it does not end */
export async function jobToEnd(
  world: World,
  { job, namespace, make }: Job,
): Promise<{ readonly isFine: boolean; readonly log: string } | undefined> {
  const inside = `--namespace=${namespace}`;
  const remove = kubectl(world, ['delete', 'job', job, inside, '--ignore-not-found', '--wait']);
  await world.shell.change(remove);
  await world.shell.change(kubectl(world, [...make, inside]));
  if (world.shell.isDry) return undefined;
  const isFine = await hasEnded(job, inside, world);
  const { stdout } = await world.shell.ask(kubectl(world, ['logs', `job/${job}`, inside]));
  await world.shell.change(remove);
  return { isFine, log: stdout.toString().trim() };
}

async function hasEnded(job: string, inside: string, world: World): Promise<boolean> {
  const path = '{.status.conditions[?(@.status=="True")].type}';
  for (let poll = 0; poll < POLLS; poll += 1) {
    const conditions = await world.shell.look(
      kubectl(world, ['get', 'job', job, inside, `--output=jsonpath=${path}`]),
    );
    if (conditions.includes('Complete')) return true;
    if (conditions.includes('Failed')) return false;
    await world.pause(BETWEEN_MS);
  }
  throw new Fault(
    `Job ${job} does not end`,
    `kubectl ${inside} describe job ${job} says why; an image that cannot be pulled is the usual reason`,
  );
}
