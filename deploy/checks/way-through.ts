/** The way through, as a pod of a client has it: its name leads to Weir, what the policy gives gets through, and what it refuses does not. */
import { Fault } from '../lib/fault.ts';
import type { Listener } from '../lib/settings.ts';
import type { World } from '../lib/step.ts';
import type { Diagnosis } from '../steps/probe.ts';
import type { Check } from './check.ts';
import { inTier1 } from './cluster.ts';
import { hasMoved } from './moved.ts';

export function wayThroughChecks(world: World): readonly Check[] {
  const { listeners } = world.settings;
  const moved = listeners.filter((listener) => hasMoved(world, listener));
  return [...moved.map(named), ...listeners.map(permitted), refused];
}

function named(listener: Listener): Check {
  const { name, host } = listener;
  return {
    id: `dns:${name}`,
    title: `${host} leads pods to the Service ${name}`,
    cure: 'deploy/deploy --only sets the name; a pod keeps the old answer for its TTL',
    run: async ({ world, diagnoses }) => {
      const diagnosis = await diagnoses.permitted(listener);
      if (diagnosis === undefined) return undefined;
      const step = diagnosis.steps.find((one) => one.step === 'proxy-dns');
      const address = await world.shell.look(
        inTier1(world, ['get', 'service', name, '--output=jsonpath={.spec.clusterIP}']),
      );
      if (step?.mark !== 'ok')
        throw new Fault(`${host} leads nowhere: ${step?.detail}`, `docs/doctor.md, "proxy-dns"`);
      const found = step.detail.match(/\d{1,3}(?:\.\d{1,3}){3}/g) ?? [];
      if (found.length === 1 && found[0] === address) return address;
      throw new Fault(
        `${host} leads to ${found.join(', ') || 'no address'}, and the Service ${name} is ${address}`,
        'wait for the TTL; then see the zone: deploy/deploy sets the name again',
      );
    },
  };
}

function permitted(listener: Listener): Check {
  const { name, target } = listener;
  return {
    id: `permitted:${name}`,
    title: `A pod gets through ${name} to ${target}`,
    cure: 'docs/doctor.md',
    run: async ({ diagnoses }) => {
      const diagnosis = await diagnoses.permitted(listener);
      if (diagnosis?.fault !== undefined) throw faultIn(diagnosis, diagnosis.fault);
      return diagnosis?.steps.at(-1)?.detail;
    },
  };
}

function faultIn({ transaction_id: id }: Diagnosis, fault: NonNullable<Diagnosis['fault']>): Fault {
  const look = id === undefined ? '' : `; transaction ${id} is in the logs of both tiers`;
  return new Fault(`doctor ✗ ${fault.step}, ${fault.component}: ${fault.detail}`, `${fault.check}${look}`);
}

const refused: Check = {
  id: 'refused',
  title: 'What the policy refuses is refused, by the name of a rule',
  cure: 'weir explain with the files of both tiers says which rule',
  run: async ({ world, diagnoses }) => {
    const { REFUSED = '', REFUSED_RULE = '' } = world.settings.text;
    const diagnosis = await diagnoses.refused();
    if (diagnosis === undefined) return undefined;
    const { fault } = diagnosis;
    if (fault === undefined) {
      throw new Fault(
        `${REFUSED} gets through, and must not`,
        `weir explain says which rule gave it; deploy/rollback policy puts the policy before back; where it is meant, correct REFUSED in ${world.settings.file}`,
      );
    }
    const rule = /\brule=([^\s,)]+)/.exec(fault.detail)?.[1];
    if (!fault.step.endsWith('-verdict') || rule === undefined) throw faultIn(diagnosis, fault);
    if (REFUSED_RULE !== '' && rule !== REFUSED_RULE) {
      throw new Fault(
        `${REFUSED} is refused by the rule ${rule}, and not by ${REFUSED_RULE}`,
        `weir explain says why; where it is meant, correct REFUSED_RULE in ${world.settings.file}`,
      );
    }
    return `${REFUSED}, by the rule ${rule}`;
  },
};
