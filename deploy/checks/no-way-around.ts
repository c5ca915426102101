/**
 * Nobody gets around the proxy. The canary of k8s/canary, without any variable of a proxy, tries the Internet, the metadata server, and
 * tier 2 past tier 1 by each of its ports: from the network of a pod, and from that of a node where a client may have it. Both halves of
 * its word count: a network that is broken looks closed, so that something has to be reached as well.
 */
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import type { World } from '../lib/step.ts';
import { jobManifest, jobToEnd } from '../steps/job.ts';
import { kubectl, workFolder } from '../steps/tools.ts';
import type { Check } from './check.ts';
import { inClients, lookJson } from './cluster.ts';
import { mayGoAround } from './moved.ts';

const CANARY = 'bypass-canary';
const NAME = 'weir-verify-bypass';
const NODE_NAME = 'weir-verify-node';
/** A way in that a machine may have beside its two ports. */
const SSH = '22';
const LIMIT_S = 300;

interface Attempt {
  readonly to: string;
  readonly reached: boolean;
  readonly because: string;
}

/** The line that the canary prints. */
interface Word {
  readonly canary: 'bypass';
  readonly result: 'closed' | 'open' | 'unproven';
  readonly through: Attempt;
  readonly direct: readonly Attempt[];
}

interface Variable {
  readonly name: string;
  readonly value?: string;
}

interface PodSpec {
  readonly containers: readonly [{ readonly env?: readonly Variable[] }, ...object[]];
  readonly hostNetwork?: boolean;
}

interface CronJob {
  readonly spec: {
    readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}

/** `through` is another way than the canary's own, where there is another proxy. */
export function noWayAround(through: Through = {}): Check {
  return {
    id: 'bypass',
    title: 'A pod without the proxy gets nowhere',
    cure: 'docs/runbooks/WeirBypassCanaryFailed.md',
    unasked: mayGoAround,
    run: ({ world }) => tryAround(world, through),
  };
}

/** Variables of the canary: by which proxy, and for which target. */
export interface Through {
  readonly CANARY_PROXY?: string;
  readonly CANARY_TARGET?: string;
}

async function tryAround(world: World, through: Through): Promise<string | undefined> {
  const wanted = { name: NAME, closed: portsOf(world), env: { ...through } };
  const word = await wordOf(world, jobOf(await canary(world), wanted));
  if (word === undefined) return undefined;
  const open = openIn(word);
  if (open !== undefined) throw open;
  if (!word.through.reached) {
    throw new Fault(
      `Nothing is proven: nothing was reached directly, and nothing through the proxy either (${word.through.because})`,
      'see what permitted says above, and that the policy gives CANARY_TARGET to the canary; then start this again',
    );
  }
  return `${word.direct.map(({ to }) => to).join(', ')} are closed`;
}

export const noWayAroundOnNode: Check = {
  id: 'bypass-node',
  title: 'A pod with the network of its node gets nowhere, or is not let in',
  cure: 'docs/runbooks/WeirBypassCanaryFailed.md',
  unasked: mayGoAround,
  run: async ({ world }) => {
    const template = await canary(world);
    if (world.shell.isDry) return undefined;
    const refusal = await refusalOf(world, template);
    if (refusal !== undefined) return `the cluster does not let one in: ${refusal}`;
    const server = await world.shell.look(
      kubectl(world, [
        'get',
        'service',
        'kubernetes',
        '--namespace=default',
        '--output=jsonpath={.spec.clusterIP}',
      ]),
    );
    // Who is on a node may not use the proxy. The API server answers a plain word with 400: that the network works is proven by it.
    const job = jobOf(template, {
      name: NODE_NAME,
      closed: [],
      env: { CANARY_PROXY: `http://${server}:443`, CANARY_CLOSED: '8.8.8.8:53' },
      hostNetwork: true,
    });
    const word = await wordOf(world, job);
    if (word === undefined) return undefined;
    const open = openIn(word);
    if (open !== undefined) throw open;
    if (!/^HTTP\/1/.test(word.through.because)) {
      throw new Fault(
        `Nothing is proven: the API server was not reached either (${word.through.because})`,
        'see whether the node has a network; then start this again',
      );
    }
    return `${word.direct.map(({ to }) => to).join(', ')} are closed`;
  },
};

async function canary(world: World): Promise<PodSpec> {
  const get = inClients(world, ['get', 'cronjob', CANARY, '--output=json'], {
    cure: `deploy/deploy --settings ${world.settings.file} --only clients makes it. That closes every other way out to the clients: only once those of all listeners have moved`,
  });
  return (await lookJson<CronJob>(world, get)).spec.jobTemplate.spec.template.spec;
}

/** Every port by which a machine of tier 2 could be used past tier 1. */
function portsOf({ settings }: World): readonly string[] {
  const { PROXY_PORT = '', ADMIN_PORT = '' } = settings.text;
  return settings.machines.flatMap(({ address }) =>
    [PROXY_PORT, ADMIN_PORT, SSH].map((port) => `${address}:${port}`),
  );
}

interface Wanted {
  readonly name: string;
  /** Beside those that the canary tries. */
  readonly closed: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
}

interface Probe {
  readonly name: string;
  readonly manifest: object;
  /** Every address that it has to speak of. */
  readonly addresses: readonly string[];
}

/** The canary's own pod, with more to try and no proxy variable. */
function jobOf(spec: PodSpec, wanted: Wanted): Probe {
  const [container, ...others] = spec.containers;
  const own = Object.fromEntries((container.env ?? []).map(({ name, value = '' }) => [name, value]));
  const env = { ...own, ...wanted.env };
  const closed = [...new Set([...(env.CANARY_CLOSED ?? '').split(/\s+/), ...wanted.closed])].filter(Boolean);
  const variables = { ...env, CANARY_CLOSED: closed.join(' ') };
  const kept = Object.entries(variables).filter(([name]) => name.startsWith('CANARY_'));
  const { envFrom: _, ...bare } = container as { envFrom?: unknown; env?: readonly Variable[] };
  const pod = {
    ...spec,
    ...(wanted.hostNetwork ? { hostNetwork: true } : {}),
    containers: [{ ...bare, env: kept.map(([name, value]) => ({ name, value })) }, ...others],
  };
  const { name } = wanted;
  const labels = { 'app.kubernetes.io/name': CANARY };
  const manifest = jobManifest({ name, labels, limitS: LIMIT_S, spec: pod });
  return { name, manifest, addresses: [env.CANARY_ADDRESS ?? '', ...closed] };
}

/** Why the cluster lets no pod of a client have the network of its node; undefined where it does. @throws {Fault} where it does not say */
async function refusalOf(world: World, spec: PodSpec): Promise<string | undefined> {
  const metadata = { name: NODE_NAME };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec, hostNetwork: true } };
  const file = fileOf(world, `${NODE_NAME}-pod`);
  world.shell.write(file, `${JSON.stringify(pod)}\n`);
  const { status, stderr } = await world.shell.ask(
    inClients(world, ['create', '--dry-run=server', `--filename=${file}`]),
  );
  if (status === 0) return undefined;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (/violates PodSecurity|denied the request|hostNetwork/i.test(said)) return said;
  throw new Fault(
    `Whether a pod may have the network of its node could not be asked: ${said || 'it did not end in time'}`,
    'see that you may create pods in the namespace of the clients',
  );
}

const fileOf = (world: World, name: string): string => join(workFolder(world, 'probes'), `${name}.json`);

/** What the canary says; undefined in a dry run. @throws {Fault} where it does not speak of everything that it was asked for */
async function wordOf(world: World, { name, manifest, addresses }: Probe): Promise<Word | undefined> {
  const file = fileOf(world, name);
  const { CLIENT_NAMESPACE: namespace = '' } = world.settings.text;
  world.shell.write(file, `${JSON.stringify(manifest)}\n`);
  const ended = await jobToEnd(world, { job: name, namespace, make: ['apply', `--filename=${file}`] });
  if (ended === undefined) return undefined;
  const line = ended.log.split('\n').at(-1) ?? '';
  const word = parsed(line);
  const missing = addresses.filter((address) => !word?.direct.some(({ to }) => to === address));
  if (word !== undefined && missing.length === 0) return word;
  throw new Fault(
    `The probe could not run: ${word === undefined ? line || 'it printed nothing' : `it did not try ${missing.join(', ')}`}`,
    'kubectl get cronjob bypass-canary --output=yaml, and events, in the namespace of the clients: image and variables',
  );
}

function parsed(line: string): Word | undefined {
  try {
    const word = JSON.parse(line) as Word | null;
    return word?.canary === 'bypass' && Array.isArray(word.direct) && word.through !== undefined
      ? word
      : undefined;
  } catch {
    return undefined;
  }
}

function openIn({ direct }: Word): Fault | undefined {
  const reached = direct.filter((attempt) => attempt.reached).map(({ to }) => to);
  if (reached.length === 0) return undefined;
  return new Fault(
    `There is a way around the proxy: ${reached.join(', ')} can be reached directly`,
    'close it now, no rollback does: docs/runbooks/WeirBypassCanaryFailed.md; the policy only-through-weir of the namespace, and vm/firewall.sh',
  );
}
