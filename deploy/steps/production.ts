/**
 * The last word, as production has it: the clients' namespace loses every other way out, and a pod shows that there is none, and that
 * the way through Weir is open.
 */
import { Fault } from '../lib/fault.ts';
import type { Step, World } from '../lib/step.ts';
import { jobToEnd } from './job.ts';
import { hashOfBuild } from './kustomized.ts';
import { missingClients } from './needed-files.ts';
import { kubectl } from './tools.ts';

const CANARY = 'bypass-canary';
/** The fact that says that the clients' namespace has no other way out. */
export const CLOSED = 'clients.closed';
/** A policy takes a moment to reach every node. */
const SETTLING_MS = 10_000;

/** Once every listener has moved: before that its pods may need the ways that they had. */
export const clients: Step = {
  id: 'clients',
  title: 'The namespace of the clients has no way out but through Weir',
  cure: 'k8s/README.md, "In what order"; back: kubectl delete networkpolicy only-through-weir in that namespace',
  lacks: ({ settings }) => missingClients(settings),
  inputs: ({ settings }) => hashOfBuild(settings.clients),
  async run(world) {
    await world.shell.change(kubectl(world, ['apply', `--kustomize=${world.settings.clients}`]));
    world.state.remember(CLOSED, 'yes');
    return undefined;
  },
};

export const production: Step = {
  id: 'production',
  title: 'A pod without the proxy gets nowhere, and with it to its target',
  after: ['clients', 'monitoring'],
  cure: 'docs/runbooks/WeirBypassCanaryFailed.md',
  back: { to: 'production', times: 1 },
  async run(world) {
    if (!world.shell.isDry) await world.pause(SETTLING_MS);
    await proveNoWayAround(world);
    return undefined;
  },
};

/** Runs the canary once. @throws {Fault} with what it reached */
export async function proveNoWayAround(world: World): Promise<void> {
  const { CLIENT_NAMESPACE: namespace = '' } = world.settings.text;
  const job = `${CANARY}-by-deploy`;
  const ended = await jobToEnd(world, {
    job,
    namespace,
    make: ['create', 'job', job, `--from=cronjob/${CANARY}`],
  });
  if (ended === undefined) return;
  const line = ended.log.split('\n').at(-1) ?? '';
  if (ended.isFine && line.includes('"result":"closed"')) return;
  throw new Fault(
    `The canary does not say that all is closed: ${line || 'it printed nothing'}`,
    'docs/runbooks/WeirBypassCanaryFailed.md; "open" is a way around, "unproven" says that nothing at all was reached',
  );
}
