/** End to end, as a pod has it: `weir doctor` in a Job of the clients' namespace, which goes through both tiers to a target. */
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import type { Listener } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { doctorJob } from './doctor-job.ts';
import { imageOf } from './image.ts';
import { jobToEnd } from './job.ts';
import { workFolder } from './tools.ts';

const PROXY_PORT = 3128;

interface Diagnosis {
  readonly ok: boolean;
  readonly fault?: { readonly component: string; readonly detail: string; readonly check: string };
  readonly steps: readonly { readonly step: string; readonly detail: string }[];
}

/** By the address of its Service: before anybody's name leads there. */
export function probeService(listener: Listener): Step {
  return {
    id: `service:${listener.name}`,
    title: `Pods get through ${listener.name} by its Service`,
    after: ['rollout'],
    cure: 'docs/doctor.md has every ✗ of it',
    inputs: () => listener,
    back: { to: `service:${listener.name}`, times: 1 },
    run: (world) => probe(`service-${listener.name}`, listener.address, { listener, world }),
  };
}

/** By the name that clients have. A name that is kept somewhere still leads to the old proxy: tried again until its time is over. */
export function probeName(listener: Listener): Step {
  return {
    id: `probe:${listener.name}`,
    title: `Pods get through ${listener.name} by the name ${listener.host}`,
    after: ['rollout', `dns:${listener.name}`],
    cure: 'docs/doctor.md has every ✗ of it',
    inputs: () => listener,
    back: { to: `probe:${listener.name}`, times: 4 },
    async run(world) {
      const diagnosis = await diagnose(`name-${listener.name}`, listener.host, { listener, world });
      await leadsTo(listener, diagnosis, world);
      return summary(diagnosis);
    },
  };
}

interface Probed {
  readonly listener: Listener;
  readonly world: World;
}

async function probe(name: string, host: string, probed: Probed): Promise<string | undefined> {
  return summary(await diagnose(name, host, probed));
}

/** @throws {Fault} with what doctor names */
async function diagnose(
  name: string,
  host: string,
  { listener, world }: Probed,
): Promise<Diagnosis | undefined> {
  const job = `weir-doctor-${name}`;
  const file = join(workFolder(world, 'probes'), `${job}.json`);
  const { CLIENT_NAMESPACE: namespace = '' } = world.settings.text;
  const proxy = `http://${host}:${PROXY_PORT}`;
  const manifest = doctorJob(job, imageOf(world), ['doctor', listener.target, '--proxy', proxy, '--json']);
  world.shell.write(file, `${JSON.stringify(manifest)}\n`);
  const ended = await jobToEnd(world, { job, namespace, make: ['apply', `--filename=${file}`] });
  if (ended === undefined) return undefined;
  const diagnosis = parsed(ended.log);
  if (diagnosis.ok) return diagnosis;
  const { component = 'the Job', detail = ended.log, check = 'docs/doctor.md' } = diagnosis.fault ?? {};
  throw new Fault(`${component}: ${detail}`, check);
}

function parsed(log: string): Diagnosis {
  try {
    return JSON.parse(log) as Diagnosis;
  } catch {
    throw new Fault(
      `The Job printed no diagnosis: ${log.split('\n').slice(-3).join(' ') || 'nothing'}`,
      'kubectl get events in the namespace of the clients says whether it was started',
    );
  }
}

async function leadsTo(listener: Listener, diagnosis: Diagnosis | undefined, world: World): Promise<void> {
  const found = diagnosis?.steps.find(({ step }) => step === 'proxy-dns')?.detail;
  if (found === undefined || found.includes(listener.address)) return;
  await world.pause(Number(world.settings.text.DNS_TTL) * 1000);
  throw new Fault(
    `${listener.host} does not lead to ${listener.address} yet: ${found}`,
    'k8s/README.md, "DNS": see what the cluster resolves with, and what it keeps',
  );
}

function summary(diagnosis: Diagnosis | undefined): string | undefined {
  return diagnosis === undefined ? undefined : `${diagnosis.steps.length} steps of weir doctor hold`;
}
