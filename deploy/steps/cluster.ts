/** Tier 1 in the cluster: its namespace and Secrets, then what the overlay makes, with the image by digest, then its pods are ready. */
import { join, relative } from 'node:path';
import { ROOT } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { areIn, imageNamed, named, refuseTakenBack } from '../lib/taken-back.ts';
import { keepWhatIsPut, rememberBefore } from './for-the-way-back.ts';
import { digestOf, imageOf, requireImage } from './image.ts';
import { hopKeyOf } from './keys.ts';
import { hashOfBuild } from './kustomized.ts';
import { missingConfigurations, missingOverlay } from './needed-files.ts';
import { isTaken, ofTier1, ownCa, requireFit, unusable } from './pairs.ts';
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

export const secrets: Step = {
  id: 'secrets',
  title: 'Certificates and the key of hops are Secrets of tier 1',
  after: ['namespace', 'keys'],
  cure: `ask for the right to write secrets in ${NAMESPACE}`,
  lacks: ({ settings }) => unusable(settings),
  inputs: ({ settings }) => hashOf(`${ownCa(settings)}.pem`, `${ofTier1(settings)}.pem`, hopKeyOf(settings)),
  async run(world) {
    const { settings } = world;
    if (!isTaken(settings)) await placeOwn(world);
    await place(world, 'weir-hop', [`hop.key=${hopKeyOf(settings)}`]);
    return undefined;
  },
};

async function placeOwn(world: World): Promise<void> {
  const { settings, shell } = world;
  if (!shell.isDry) requireFit(settings);
  const own = ofTier1(settings);
  await place(world, 'weir-tls', [
    `ca.crt=${ownCa(settings)}.pem`,
    `tls.crt=${own}.pem`,
    `tls.key=${own}.key`,
  ]);
}

/** By the server: what kubectl itself would remember of an object is all of its data once more. */
async function place(world: World, name: string, files: readonly string[]): Promise<void> {
  const from = files.map((file) => `--from-file=${file}`);
  const create = [
    'create',
    'secret',
    'generic',
    name,
    `--namespace=${NAMESPACE}`,
    ...from,
    '--dry-run=client',
    '--output=yaml',
  ];
  const apply = [
    'apply',
    '--server-side',
    '--force-conflicts',
    '--field-manager=weir-deploy',
    '--filename=-',
  ];
  await world.shell.pipe(
    kubectl(world, create, { isSecret: true }),
    kubectl(world, apply, { isSecret: true, cure: `ask for the right to write secrets in ${NAMESPACE}` }),
  );
}

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
    await world.shell.change(kubectl(world, ['apply', `--kustomize=${folder}`]));
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
