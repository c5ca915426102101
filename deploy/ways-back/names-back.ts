/** Names lead to the proxy of before again: it is tried by its address first, and then the time passes that an answer is kept. */
import { Fault } from '../lib/fault.ts';
import type { Listener } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { beforeOf, dropRecord, leadRecord, leadZone, movedOf, NOTHING } from '../steps/dns.ts';
import { askDoctor } from '../steps/probe.ts';
import { beforeWeir } from './before-weir.ts';

/** Who resolves at the last moment keeps the answer that long; and clocks differ. */
const MARGIN_S = 5;

/** Behind `back:restore`. */
export function namesBack(listeners: readonly Listener[]): readonly Step[] {
  return [...listeners.map(answers), ...listeners.map(nameBack), timeToLive(listeners)];
}

/** By its address, before anybody's name leads there. */
function answers(listener: Listener): Step {
  return {
    id: `back:answers:${listener.name}`,
    title: `Pods get through the proxy of before to the target of ${listener.name}`,
    after: ['back:restore'],
    cure: 'docs/doctor.md; its own log says more',
    async run(world) {
      const host = beforeWeir(world, listener);
      if (host === undefined) return 'there was none';
      const { name, target } = listener;
      const diagnosis = await askDoctor(world, {
        name: `back-${name}`,
        host,
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
      const led = await leadBack(world, listener);
      world.state.remember(movedOf(listener.name), undefined);
      return led;
    },
  };
}

/** @returns where it leads now @throws {Fault} where somebody has to lead it */
async function leadBack(world: World, listener: Listener): Promise<string> {
  const { state, settings } = world;
  const { DNS } = settings.text;
  const before = state.recall(beforeOf(listener.name));
  if (DNS === 'elsewhere') return ledByHand(world, listener);
  if (before === NOTHING)
    return DNS === 'cloud-dns' ? dropRecord(world, listener) : ledByHand(world, listener);
  // It led to Weir already when the deployment saw it first, or its clients have never come.
  if (before === undefined)
    return state.recall(movedOf(listener.name)) === undefined
      ? 'its clients had not come: left alone'
      : ledByHand(world, listener);
  await (DNS === 'cloud-dns' ? leadRecord : leadZone)(world, listener, before);
  return before;
}

/** Nothing here can lead it, and nothing is deleted before somebody has. @throws {Fault} while it leads to Weir */
async function ledByHand(world: World, listener: Listener): Promise<string> {
  const { name, host, address, target } = listener;
  const diagnosis = await askDoctor(world, { name: `back-${name}`, host, target });
  const led = diagnosis?.steps.find(({ step }) => step === 'proxy-dns')?.detail ?? '';
  if (diagnosis === undefined || (led !== '' && !led.includes(address))) return led || 'lead it back by hand';
  throw new Fault(
    `${host} still leads to Weir: ${led || 'nobody says where'}`,
    'lead it back by hand, where its name is kept, then start this again: it goes on here',
  );
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
