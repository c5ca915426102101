/** The ConfigMap of tier 1 in the cluster. */
import { type PolicyData, policyIn } from '../lib/policy-data.ts';
import type { World } from '../lib/step.ts';
import { kubectl, NAMESPACE } from './tools.ts';

/** The policy that it has, lists included; undefined where there is none. @throws {Fault} where nobody can tell */
export async function policyInCluster(world: World): Promise<PolicyData | undefined> {
  const how = [`--namespace=${NAMESPACE}`, '--ignore-not-found', '--output=jsonpath={.data}'];
  return policyIn(await world.shell.look(kubectl(world, ['get', 'configmap', 'weir', ...how])));
}

/** That, where it can be seen; undefined elsewhere. */
export function policyIfSeen(world: World): Promise<PolicyData | undefined> {
  return policyInCluster(world).catch(() => undefined);
}
