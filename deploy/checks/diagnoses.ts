/** `weir doctor` in a pod of a client: once for each listener, and once for what the policy refuses. */
import type { Listener } from '../lib/settings.ts';
import type { World } from '../lib/step.ts';
import { askDoctor, type Diagnosis } from '../steps/probe.ts';
import { hasMoved } from './moved.ts';

export interface Diagnoses {
  /** Of the target of `listener`; undefined in a dry run. @throws {Fault} where doctor says nothing */
  readonly permitted: (listener: Listener) => Promise<Diagnosis | undefined>;
  /** Of what is refused. */
  readonly refused: () => Promise<Diagnosis | undefined>;
}

/** Each is asked once, whoever wants to know. */
export function diagnosesOf(world: World): Diagnoses {
  const asked = new Map<string, Promise<Diagnosis | undefined>>();
  const ask = (
    name: string,
    listener: Listener | undefined,
    target: string,
  ): Promise<Diagnosis | undefined> => {
    const found = asked.get(name) ?? askDoctor(world, { name, host: hostOf(world, listener), target });
    asked.set(name, found);
    return found;
  };
  const { listeners, text } = world.settings;
  return {
    permitted: (listener) => ask(`verify-${listener.name}`, listener, listener.target),
    refused: () => ask('verify-refused', listeners[0], `tcp://${text.REFUSED}`),
  };
}

/** One whose clients have come is asked by the name that they have, another one by its address. */
function hostOf(world: World, listener: Listener | undefined): string {
  if (listener === undefined) return '';
  return hasMoved(world, listener) ? listener.host : listener.address;
}
