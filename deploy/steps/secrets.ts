/** The Secrets of tier 1: its certificate with the authority, where that is not cert-manager's, and the key of the hops. */
import type { Step, World } from '../lib/step.ts';
import { hopKeyOf } from './keys.ts';
import { faultsOfOwn, isTaken, ofTier1, ownCa, requireFit } from './pairs.ts';
import { hashOf, kubectl, NAMESPACE } from './tools.ts';

export const secrets: Step = {
  id: 'secrets',
  title: 'Certificates and the key of hops are Secrets of tier 1',
  after: ['namespace', 'keys'],
  cure: `ask for the right to write secrets in ${NAMESPACE}`,
  lacks: ({ settings }) => faultsOfOwn(settings),
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
