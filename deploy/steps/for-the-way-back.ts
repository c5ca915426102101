/** What going back from tier 1 needs, and nobody can tell afterwards: its image of before, and its policies with their lists. */
import { keepPolicy, whoRuns } from '../lib/policies.ts';
import type { World } from '../lib/step.ts';
import { policyOfFolder } from '../lib/tier-1-files.ts';
import { policyInCluster } from './config-map.ts';
import { imageOf } from './image.ts';
import { kubectl, NAMESPACE } from './tools.ts';

/** Called before the objects of tier 1 are changed. @throws {Fault} where nobody can tell */
export async function rememberBefore(world: World): Promise<void> {
  const how = [`--namespace=${NAMESPACE}`, '--ignore-not-found'];
  const path = '--output=jsonpath={.spec.template.spec.containers[0].image}';
  const image = await world.shell.look(kubectl(world, ['get', 'deployment', 'weir', ...how, path]));
  if (image !== '' && image !== imageOf(world)) world.state.remember('image.before', image);
  const policy = await policyInCluster(world);
  if (policy !== undefined && !world.shell.isDry) keepPolicy(world.state, policy);
}

/** Called once they are. @throws {Fault} */
export async function keepWhatIsPut(world: World): Promise<void> {
  const { settings, shell, state } = world;
  if (shell.isDry) return;
  keepPolicy(state, (await policyInCluster(world)) ?? policyOfFolder(settings.tier1), whoRuns());
}
