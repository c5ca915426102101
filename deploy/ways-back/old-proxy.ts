/**
 * Back to the proxy of before (background chart 6.2). New traffic stops at the Services of tier 1, what is open runs on; the old proxy
 * is brought back and tried by its address; names lead to it again; who had the old answer gets the time that an answer is kept, and what
 * is open the time to end. Only then is Weir taken out of the cluster, and stopped on its machines, which stay.
 *
 * What stays on purpose: the namespace with its Secrets, and the policy only-through-weir of the clients, which the old proxy in the
 * cluster does not need less than Weir did.
 */
import { inClients, inTier1 } from '../checks/cluster.ts';
import { podsLeft } from '../checks/pods.ts';
import type { Step, World } from '../lib/step.ts';
import { missingOldManifests, oldManifests } from '../steps/needed-files.ts';
import { kubectl, onMachine } from '../steps/tools.ts';
import { known } from './before-weir.ts';
import { evidence } from './evidence.ts';
import { settled, stopping } from './goal.ts';
import { namesBack } from './names-back.ts';

/** timeouts.drain of tier 1 and a little, which is what its pods would get. */
const DRAIN_MS = 570_000;
const LOOK_EACH_MS = 5000;
const MACHINE_MS = 20 * 60_000;
const OURS = '--selector=app.kubernetes.io/name=weir';
/** Never the namespace: Secrets are in it, and what is not ours. */
const KINDS =
  'deployments,horizontalpodautoscalers,poddisruptionbudgets,services,networkpolicies,configmaps,serviceaccounts';

export interface Patience {
  /** How long what is open may take to end. */
  readonly drainMs?: number | undefined;
}

export function oldProxySteps(world: World, { drainMs = DRAIN_MS }: Patience): readonly Step[] {
  return [
    known,
    stop,
    evidence,
    restore,
    ...namesBack(world.settings.listeners),
    drain(drainMs),
    remove,
    ...world.settings.machines.map(stopMachine),
  ];
}

const stop: Step = {
  id: 'back:stop',
  title: 'No new traffic comes to Weir; what is open runs on',
  cure: 'see that you may patch services in intra-proxy',
  async run(world) {
    // A key that applying the overlay sets back, for who stays with Weir after all.
    const patch = JSON.stringify({ spec: { selector: { 'app.kubernetes.io/component': 'taken-back' } } });
    const names = await services(world);
    await stopping(world);
    for (const name of names)
      await world.shell.change(inTier1(world, ['patch', name, '--type=merge', `--patch=${patch}`]));
    return undefined;
  },
};

/** All that lead to our pods, other names of theirs among them. Where they are gone already a run before this one came further. */
async function services(world: World): Promise<readonly string[]> {
  const { status, stdout, stderr } = await world.shell.ask(
    inTier1(world, ['get', 'services', OURS, '--output=name']),
  );
  if (world.shell.isDry && status !== 0) return world.settings.listeners.map(({ name }) => `service/${name}`);
  if (status !== 0) throw new Error(`Services cannot be read: ${stderr.trim()}`);
  return stdout.toString().split('\n').filter(Boolean);
}

const restore: Step = {
  id: 'back:restore',
  title: 'The proxy of before is there',
  cure: 'start it by hand, then start this again. On a machine where it wants the port of Weir: systemctl stop weir.socket weir.service first, which cuts what is open',
  // Known before new traffic is stopped.
  lacks: ({ settings }) => missingOldManifests(settings),
  async run(world) {
    const { OLD_UNIT = '' } = world.settings.text;
    const { machines } = world.settings;
    const folder = oldManifests(world.settings);
    if (folder !== undefined) await world.shell.change(kubectl(world, ['apply', `--kustomize=${folder}`]));
    if (OLD_UNIT !== '') {
      const run = `sudo systemctl enable --now ${OLD_UNIT}`;
      for (const machine of machines) await world.shell.change(onMachine(world, machine, { run }));
    }
    return folder === undefined && OLD_UNIT === ''
      ? 'nothing is to be brought back, as the settings say'
      : undefined;
  },
};

function drain(drainMs: number): Step {
  return {
    id: 'back:drain',
    title: 'What was open at Weir has ended, or has had its time',
    after: ['back:ttl'],
    cure: 'start this again: its time goes on',
    async run(world) {
      if (world.shell.isDry) return `${drainMs / 1000} s at most`;
      const began = Date.parse(await settled(world, 'drain.began', async () => world.now()));
      for (let waited = 0; ; waited += LOOK_EACH_MS) {
        const open = await openAt(world);
        if (open === 0) return 'all ended';
        if (waited >= drainMs || Date.parse(world.now()) - began >= drainMs) return `${open} tunnels are cut`;
        await world.pause(LOOK_EACH_MS);
      }
    },
  };
}

/** Tunnels; of a pod that says nothing nobody knows, and it gets its time. So do all where the cluster does not say which there are. */
async function openAt(world: World): Promise<number> {
  const pods = await podsLeft(world).catch(() => [{ condition: undefined }]);
  return pods.reduce((sum, { condition }) => sum + (condition?.tunnels ?? 1), 0);
}

const remove: Step = {
  id: 'back:remove',
  title: 'Weir is out of the cluster; its namespace with the Secrets stays',
  after: ['back:drain'],
  cure: 'see that you may delete these kinds in intra-proxy',
  async run(world) {
    const suspend = [
      'patch',
      'cronjob',
      'bypass-canary',
      '--type=merge',
      '--patch={"spec":{"suspend":true}}',
    ];
    const there = await world.shell.ask(
      inClients(world, ['get', 'cronjob', 'bypass-canary', '--output=name']),
    );
    if (there.status === 0 || world.shell.isDry) await world.shell.change(inClients(world, suspend));
    await world.shell.change(inTier1(world, ['delete', KINDS, OURS, '--ignore-not-found', '--wait=false']));
    await world.shell.change(
      kubectl(world, ['delete', 'clusterroles,clusterrolebindings', OURS, '--ignore-not-found']),
    );
    return 'the canary is suspended: it asks for a way through Weir';
  },
};

function stopMachine(machine: World['settings']['machines'][number]): Step {
  return {
    id: `back:machine:${machine.name}`,
    title: `Weir does not run on ${machine.name}; the machine stays`,
    after: ['back:remove'],
    cure: `gcloud compute ssh ${machine.name}: systemctl status weir.socket weir.service`,
    async run(world) {
      const run = 'sudo systemctl disable --now weir.socket weir.service';
      await world.shell.change(onMachine(world, machine, { run, timeoutMs: MACHINE_MS }));
      return undefined;
    },
  };
}
