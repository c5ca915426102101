/** All steps of a deployment in their order, as chart 6.1 of the design has it (docs/deploy.md). */
import type { Settings } from '../lib/settings.ts';
import type { Step } from '../lib/step.ts';
import { certificates } from './certificates.ts';
import { namespace, objects, rollout } from './cluster.ts';
import { configuration } from './configuration.ts';
import { moveName } from './dns.ts';
import { image } from './image.ts';
import { stepsOfMachine } from './install.ts';
import { keys } from './keys.ts';
import { vmCreate, vmFirewall } from './machines.ts';
import { monitoring } from './monitoring.ts';
import { prerequisites } from './prerequisites.ts';
import { probeName, probeService } from './probe.ts';
import { clients, production } from './production.ts';
import { secrets } from './secrets.ts';
import { takenBack } from './taken-back.ts';

/** One machine after the other, and one listener after the other: where one is ✗, the rest is as it was. */
export function allSteps(settings: Settings): readonly Step[] {
  const { listeners, move } = settings;
  const moving = listeners.filter(({ name }) => move.includes(name));
  const isWhole = moving.length === listeners.length;
  return [
    prerequisites,
    takenBack,
    configuration,
    vmCreate,
    vmFirewall,
    certificates,
    keys,
    ...settings.machines.flatMap(stepsOfMachine),
    image,
    namespace,
    secrets,
    objects,
    rollout,
    ...listeners.map(probeService),
    ...moving.flatMap((listener) => [moveName(listener), probeName(listener)]),
    monitoring,
    ...(isWhole ? [clients, production] : []),
  ];
}
