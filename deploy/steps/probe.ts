/** End to end, as a pod has it: `weir doctor` in a Job of the clients' namespace, which goes through both tiers to a target. */
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import type { Listener } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { movedOf } from './dns.ts';
import { doctorJob } from './doctor-job.ts';
import { jobToEnd } from './job.ts';
import { workFolder } from './tools.ts';

const PROXY_PORT = 3128;

/** What is read of the JSON of `weir doctor`. */
export interface Diagnosis {
  readonly ok: boolean;
  readonly fault?: {
    readonly step: string;
    readonly component: string;
    readonly detail: string;
    readonly check: string;
  };
  readonly steps: readonly { readonly step: string; readonly mark: string; readonly detail: string }[];
  readonly transaction_id?: string;
}

/** What is asked of doctor, and of which proxy, by a Job of which name. */
export interface Question {
  readonly name: string;
  readonly host: string;
  readonly target: string;
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
      // Also where somebody has led it by hand.
      world.state.remember(movedOf(listener.name), 'yes');
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
  const diagnosis = await askDoctor(world, { name, host, target: listener.target });
  if (diagnosis?.fault !== undefined)
    throw new Fault(`${diagnosis.fault.component}: ${diagnosis.fault.detail}`, diagnosis.fault.check);
  return diagnosis;
}

/** What doctor says in a pod of the clients; undefined in a dry run. @throws {Fault} where it says nothing */
export async function askDoctor(
  world: World,
  { name, host, target }: Question,
): Promise<Diagnosis | undefined> {
  const job = `weir-doctor-${name}`;
  const file = join(workFolder(world, 'probes'), `${job}.json`);
  const { CLIENT_NAMESPACE: namespace = '' } = world.settings.text;
  const proxy = `http://${host}:${PROXY_PORT}`;
  const made = doctorJob(job, imageOf(world), ['doctor', target, '--proxy', proxy, '--json']);
  const manifest = labelled(made, labelsIn(world.settings.text.PROBE_LABELS));
  world.shell.write(file, `${JSON.stringify(manifest)}\n`);
  const ended = await jobToEnd(world, { job, namespace, make: ['apply', `--filename=${file}`] });
  return ended === undefined ? undefined : parsed(ended.log);
}

function parsed(log: string): Diagnosis {
  try {
    const found = JSON.parse(log) as Diagnosis | null;
    if (Array.isArray(found?.steps) && found.ok === (found.fault === undefined)) return found;
  } catch {
    // Said below, as what is no diagnosis.
  }
  throw new Fault(
    `The Job printed no diagnosis: ${log.split('\n').slice(-3).join(' ') || 'nothing'}`,
    'kubectl get events in the namespace of the clients says whether it was started',
  );
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

/** With labels that the policy asks for. It is never ready: a Service that these lead to sends nobody there. */
function labelled(made: ReturnType<typeof doctorJob>, labels: Readonly<Record<string, string>>): object {
  const { template } = made.spec;
  const readinessProbe = { exec: { command: ['/never-ready'] }, periodSeconds: 300 };
  const containers = template.spec.containers.map((container) => ({ ...container, readinessProbe }));
  const metadata = { labels: { ...labels, ...template.metadata.labels } };
  return { ...made, spec: { ...made.spec, template: { metadata, spec: { ...template.spec, containers } } } };
}

/** What was put in; where nobody remembers that, what the settings name. A dry run before anything was pushed has none. @throws {Fault} */
function imageOf({ state, settings, shell }: World): string {
  const { IMAGE, IMAGE_DIGEST = '' } = settings.text;
  const digest = state.recall('image.digest') ?? IMAGE_DIGEST;
  if (digest !== '') return `${IMAGE}@${digest}`;
  if (shell.isDry) return 'THE_IMAGE';
  throw new Fault(
    `The image of the probe is not known: neither ${state.file} nor IMAGE_DIGEST of ${settings.file} says it`,
    'say by --state where the state of the deployment is, or give IMAGE_DIGEST: kubectl get deployment weir --output=wide says what runs',
  );
}

/** `a=b,c=d` */
function labelsIn(text = ''): Readonly<Record<string, string>> {
  const pairs = text.split(',').filter(Boolean);
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}
