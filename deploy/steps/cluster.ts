/** Tier 1 in the cluster: its namespace, and, once its Secrets are there, what the overlay makes, with the image by digest, then its pods are ready. */
import { join, relative } from 'node:path';
import { ROOT } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { areIn, imageNamed, named, refuseTakenBack } from '../lib/taken-back.ts';
import { abandon, goesOn } from '../ways-back/goal.ts';
import { keepWhatIsPut, rememberBefore } from './for-the-way-back.ts';
import { digestOf, imageOf, requireImage } from './image.ts';
import { hashOfBuild } from './kustomized.ts';
import { missingConfigurations, missingOverlay } from './needed-files.ts';
import { hashOf, kubectl, NAMESPACE, workFolder } from './tools.ts';

const ROLLOUT_MINUTES = 30;

export const namespace: Step = {
  id: 'namespace',
  title: `Namespace ${NAMESPACE} is there`,
  cure: 'ask for the right to make namespaces, or have it made: k8s/base/namespace.yaml',
  inputs: () => hashOf(NAMESPACE_FILE),
  async run(world) {
    await world.shell.change(kubectl(world, ['apply', `--filename=${NAMESPACE_FILE}`]));
    return undefined;
  },
};

const NAMESPACE_FILE = join(ROOT, 'k8s/base/namespace.yaml');

export const objects: Step = {
  id: 'objects',
  title: 'ConfigMap, Deployment, Services and policies of tier 1 are in the cluster',
  after: ['secrets', 'image', 'configuration'],
  lacks: ({ settings }) => [...missingOverlay(settings), ...missingConfigurations(settings)],
  cure: `kubectl kustomize of the overlay says what it makes; kubectl -n ${NAMESPACE} get events says why it is refused`,
  inputs: (world) => [hashOfBuild(world.settings.tier1), world.state.recall('image.digest')],
  async run(world) {
    requireImage(world);
    const things = [...named(world, 'policy', 'weir'), imageNamed(digestOf(world))];
    refuseTakenBack(world, things);
    await rememberBefore(world);
    const folder = workFolder(world, 'tier-1');
    world.shell.write(join(folder, 'kustomization.yaml'), kustomization(folder, world));
    abandon(world);
    await world.shell.change(kubectl(world, ['apply', `--kustomize=${folder}`]));
    goesOn(world);
    areIn(world, things);
    await keepWhatIsPut(world);
    return imageOf(world);
  },
};

/** The overlay, with the image by digest whichever name it gives it. kustomize takes folders by their way from here alone. */
function kustomization(folder: string, world: World): string {
  const [name = '', digest = ''] = imageOf(world).split('@');
  const images = ['weir', name].flatMap((each) => [
    `  - name: ${each}`,
    `    newName: ${name}`,
    `    digest: ${digest}`,
  ]);
  return ['resources:', `  - ${relative(folder, world.settings.tier1)}`, 'images:', ...images, ''].join('\n');
}

export const rollout: Step = {
  id: 'rollout',
  title: 'The pods of tier 1 are ready',
  patience: `${ROLLOUT_MINUTES} minutes, while old pods drain`,
  after: ['objects'],
  cure: `kubectl -n ${NAMESPACE} get pods, describe pod and logs say why; the pods before it serve on meanwhile`,
  async run(world) {
    const status = [
      'rollout',
      'status',
      'deployment/weir',
      `--namespace=${NAMESPACE}`,
      `--timeout=${ROLLOUT_MINUTES}m`,
    ];
    await world.shell.change(kubectl(world, status, { timeoutMs: (ROLLOUT_MINUTES + 1) * 60_000 }));
    return undefined;
  },
};
