/** Whether the proxy of before serves again: names lead there, its policy gives and refuses what it should, and nobody gets around it. */
import type { Check } from '../checks/check.ts';
import { noWayAround } from '../checks/no-way-around.ts';
import { Fault } from '../lib/fault.ts';
import type { Listener } from '../lib/settings.ts';
import type { World } from '../lib/step.ts';
import { askDoctor } from '../steps/probe.ts';
import { beforeWeir } from './before-weir.ts';

const PORT = 3128;

/** @throws {Fault} where there was none */
export function oldProxyChecks(world: World): readonly Check[] {
  const { listeners } = world.settings;
  const had = listeners.filter((listener) => beforeWeir(world, listener) !== undefined);
  const through = had.length > 0 || world.settings.text.DNS !== 'elsewhere' ? had : listeners;
  const [first] = through;
  if (first === undefined) return [];
  const { hostname, port } = new URL(first.target);
  const target = `${hostname}:${port || '443'}`;
  const proxy = `http://${beforeWeir(world, first) ?? first.host}:${PORT}`;
  return [
    ...through.map(leadsBack),
    refuses(first),
    noWayAround({ CANARY_PROXY: proxy, CANARY_TARGET: target }),
  ];
}

function leadsBack(listener: Listener): Check {
  const { name, host, target, address } = listener;
  return {
    id: `back:${name}`,
    title: `A pod gets to ${target} by ${host}, through the proxy of before`,
    cure: 'docs/doctor.md; the log of that proxy',
    run: async ({ world }) => {
      const diagnosis = await askDoctor(world, { name: `back-${name}`, host, target });
      if (diagnosis === undefined) return undefined;
      const { fault, steps } = diagnosis;
      if (fault !== undefined)
        throw new Fault(`doctor ✗ ${fault.step}, ${fault.component}: ${fault.detail}`, fault.check);
      const led = steps.find(({ step }) => step === 'proxy-dns')?.detail ?? '';
      const before = beforeWeir(world, listener);
      if (before === undefined ? !led.includes(address) : led.includes(before)) return led;
      throw new Fault(
        `${host} does not lead to ${before ?? 'the proxy of before'}: ${led}`,
        'k8s/README.md, "DNS"; who keeps the old answer?',
      );
    },
  };
}

function refuses(listener: Listener): Check {
  return {
    id: 'back:refused',
    title: 'The proxy of before refuses what is to be refused',
    cure: 'see the ACLs of that proxy',
    run: async ({ world }) => {
      const { REFUSED } = world.settings.text;
      const diagnosis = await askDoctor(world, {
        name: 'back-refused',
        host: listener.host,
        target: `tcp://${REFUSED}`,
      });
      if (diagnosis === undefined) return undefined;
      const { fault } = diagnosis;
      if (fault?.step.endsWith('-verdict')) return fault.detail;
      throw new Fault(
        fault === undefined ? `${REFUSED} gets through, and must not` : `${fault.step}: ${fault.detail}`,
        'see the ACLs of that proxy',
      );
    },
  };
}
