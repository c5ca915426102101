/** Whether cluster and cloud answer who asks: what cannot be asked is not broken for that, and no way back mends it. */
import { Fault, faultOf } from '../lib/fault.ts';
import { type Program, reasonIn } from '../lib/shell.ts';
import type { World } from '../lib/step.ts';
import { gcloud, NAMESPACE } from '../steps/tools.ts';
import { inTier1 } from './cluster.ts';

export type Side = 'cluster' | 'cloud';

interface Access {
  readonly id: string;
  readonly title: string;
  readonly program: (world: World) => Program;
  readonly cure: (world: World) => string;
}

export const ACCESS: Readonly<Record<Side, Access>> = {
  cluster: {
    id: 'access-cluster',
    title: 'The cluster answers, and lets its pods be seen',
    program: (world) => inTier1(world, ['auth', 'can-i', 'get', 'pods']),
    cure: ({ settings: { file, text } }) =>
      `log in to the cluster, have the right to get pods in ${NAMESPACE}, or correct CONTEXT in ${file}: it is ${text.CONTEXT}, and kubectl config get-contexts says which there are`,
  },
  cloud: {
    id: 'access-cloud',
    title: 'gcloud is logged in, and reads the project',
    program: (world) => gcloud(world, ['compute', 'networks', 'describe', world.settings.network]),
    cure: ({ settings: { project } }) =>
      `gcloud auth login, and ask for the roles of vm/README.md in ${project}`,
  },
};

/** @returns undefined where it can be asked */
export async function faultOfAccess(world: World, side: Side): Promise<Fault | undefined> {
  const { program, cure } = ACCESS[side];
  try {
    const { status, stdout, stderr } = await world.shell.ask(program(world));
    if (status === 0) return undefined;
    const reason = reasonIn(stderr) || reasonIn(stdout.toString()) || 'it does not answer';
    return new Fault(`The ${side} cannot be asked: ${reason}`, cure(world));
  } catch (error) {
    return faultOf(error, cure(world));
  }
}
