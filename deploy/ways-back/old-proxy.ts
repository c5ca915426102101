/**
 * Back to the proxy of before (background chart 6.2). New traffic stops at the Services of tier 1, what is open runs on; the old proxy
 * is brought back and tried by its address; names lead to it again; who had the old answer gets the time that an answer is kept, and what
 * is open the time to end. Only then is Weir taken out of the cluster, and stopped on its machines, which stay.
 *
 * What stays on purpose: the namespace with its Secrets, and the policy only-through-weir of the clients, which the old proxy in the
 * cluster does not need less than Weir did.
 */
import { dirname, resolve } from 'node:path';
import { inClients, inTier1 } from '../checks/cluster.ts';
import { readPods } from '../checks/pods.ts';
import { ExitCode } from '../lib/exit-codes.ts';
import { Fault } from '../lib/fault.ts';
import type { Listener } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { beforeOf, leadRecord, leadZone, movedOf, NOTHING } from '../steps/dns.ts';
import { askDoctor } from '../steps/probe.ts';
import { kubectl, onMachine } from '../steps/tools.ts';
import { evidence } from './evidence.ts';
import { settled } from './goal.ts';

/** timeouts.drain of tier 1 and a little, which is what its pods would get. */
const DRAIN_MS = 570_000;
const LOOK_EACH_MS = 5000;
const MACHINE_MS = 20 * 60_000;
/** Who resolves at the last moment keeps the answer that long; and clocks differ. */
const MARGIN_S = 5;
const OURS = '--selector=app.kubernetes.io/name=weir';
/** Never the namespace: Secrets are in it, and what is not ours. */
const KINDS =
  'deployments,horizontalpodautoscalers,poddisruptionbudgets,services,networkpolicies,configmaps,serviceaccounts';

export interface Patience {
  /** How long what is open may take to end. */
  readonly drainMs?: number | undefined;
}

export function oldProxySteps(world: World, { drainMs = DRAIN_MS }: Patience): readonly Step[] {
  const { listeners } = world.settings;
  return [
    known,
    stop,
    evidence,
    restore,
    ...listeners.map(answers),
    ...listeners.map(nameBack),
    timeToLive(listeners),
    drain(drainMs),
    remove,
    ...world.settings.machines.map(stopMachine),
  ];
}

/** Where `listener` led before Weir; undefined where it led nowhere. */
export function beforeWeir({ state }: World, listener: Listener): string | undefined {
  const before = state.recall(beforeOf(listener.name));
  return before === NOTHING ? undefined : before;
}

const known: Step = {
  id: 'back:known',
  title: 'It is known where names led before',
  isAlways: true,
  cure: 'bring back the state file of the deployment',
  async run(world) {
    const { listeners, text } = world.settings;
    const found = listeners.map((listener) => `${listener.host} ${beforeWeir(world, listener) ?? NOTHING}`);
    const isKnown = listeners.some((listener) => beforeWeir(world, listener) !== undefined);
    if (isKnown || text.DNS === 'elsewhere' || world.shell.isDry) return found.join(', ');
    throw new Fault(
      'No name is known to have led to another proxy before',
      `deploy/deploy keeps that in ${world.state.file} when it moves a name: bring that file back, or move the names by hand`,
      ExitCode.Escalate,
    );
  },
};

const stop: Step = {
  id: 'back:stop',
  title: 'No new traffic comes to Weir; what is open runs on',
  cure: 'see that you may patch services in intra-proxy',
  async run(world) {
    const patch = JSON.stringify({ spec: { selector: { 'weir/taken-back': 'yes' } } });
    for (const { name } of world.settings.listeners) {
      const { status, stderr } = await world.shell.ask(
        inTier1(world, ['get', 'service', name, '--output=name']),
      );
      // Gone already: a run before this one came further than it could remember.
      if (status !== 0 && /NotFound/.test(stderr) && !world.shell.isDry) continue;
      await world.shell.change(
        inTier1(world, ['patch', 'service', name, '--type=merge', `--patch=${patch}`]),
      );
    }
    return undefined;
  },
};

const restore: Step = {
  id: 'back:restore',
  title: 'The proxy of before is there',
  cure: 'start it by hand, then start this again. On a machine where it wants the port of Weir: systemctl stop weir.socket weir.service first, which cuts what is open',
  async run(world) {
    const { OLD_UNIT = '', OLD_MANIFESTS = '' } = world.settings.text;
    const { machines, file } = world.settings;
    const folder = OLD_MANIFESTS === '' ? undefined : resolve(dirname(file), OLD_MANIFESTS);
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

/** By its address, before anybody's name leads there. */
function answers(listener: Listener): Step {
  return {
    id: `back:answers:${listener.name}`,
    title: `Pods get through the proxy of before to the target of ${listener.name}`,
    after: ['back:restore'],
    cure: 'docs/doctor.md; its own log says more',
    async run(world) {
      const host = beforeWeir(world, listener);
      if (host === undefined && !world.shell.isDry) return 'there was none';
      const { name, target } = listener;
      const diagnosis = await askDoctor(world, {
        name: `back-${name}`,
        host: host ?? 'THE_OLD_PROXY',
        target,
      });
      if (diagnosis?.fault === undefined) return host;
      const { component, detail, check } = diagnosis.fault;
      throw new Fault(
        `${component}: ${detail}`,
        `${check}. A policy of ours may keep pods from it: in intra-proxy default-deny, in the namespace of the clients only-through-weir`,
      );
    },
  };
}

function nameBack(listener: Listener): Step {
  return {
    id: `back:dns:${listener.name}`,
    title: `${listener.host} leads to the proxy of before`,
    after: [`back:answers:${listener.name}`],
    cure: 'k8s/README.md, "DNS"',
    async run(world) {
      const address = beforeWeir(world, listener);
      const { DNS } = world.settings.text;
      if (DNS === 'elsewhere')
        return 'lead it back by hand: nothing here can, and the last check shows whether it is so';
      if (address === undefined && !world.shell.isDry) return 'it led nowhere';
      await (DNS === 'cloud-dns' ? leadRecord : leadZone)(world, listener, address ?? 'THE_ADDRESS_BEFORE');
      world.state.remember(movedOf(listener.name), undefined);
      return address;
    },
  };
}

/** Counted from the last change, whoever waited already. */
function timeToLive(listeners: readonly Listener[]): Step {
  return {
    id: 'back:ttl',
    title: 'Nobody keeps the old answer any more',
    after: listeners.map(({ name }) => `back:dns:${name}`),
    cure: 'start this again',
    async run({ state, settings, shell, pause, now }) {
      if (shell.isDry) return `${settings.text.DNS_TTL} s`;
      const changed = listeners.map(({ name }) => Date.parse(state.step(`back:dns:${name}`)?.at ?? now()));
      const until = Math.max(...changed) + (Number(settings.text.DNS_TTL) + MARGIN_S) * 1000;
      await pause(Math.max(0, until - Date.parse(now())));
      return `${settings.text.DNS_TTL} s and ${MARGIN_S}`;
    },
  };
}

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

/** Tunnels; of a pod that says nothing nobody knows, and it gets its time. */
async function openAt(world: World): Promise<number> {
  const pods = await readPods(world).catch(() => []);
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
