/** The ConfigMap of tier 1 in the cluster. */
import type { Program } from '../lib/shell.ts';
import type { World } from '../lib/step.ts';
import { kubectl, NAMESPACE } from './tools.ts';

/** Prints it for `policyIn`; nothing where there is none. */
export function askPolicy(world: World): Program {
  const how = [`--namespace=${NAMESPACE}`, '--ignore-not-found', '--output=jsonpath={.data}'];
  return kubectl(world, ['get', 'configmap', 'weir', ...how]);
}
