/** Tier 1: it is rolled out, each pod is ready by its own word, and all of them are the same program and serve by the same policy. */
import { Fault } from '../lib/fault.ts';
import type { Check } from './check.ts';
import { inTier1 } from './cluster.ts';
import type { Pod } from './pods.ts';

const ROLL_OUT_S = 30;

const rollout: Check = {
  id: 'tier1-rollout',
  title: 'Tier 1 is rolled out',
  cure: 'kubectl get pods and describe say what it waits for; deploy/rollback version goes back',
  run: async ({ world }) => {
    const args = ['rollout', 'status', 'deployment/weir', `--timeout=${ROLL_OUT_S}s`];
    const said = await world.shell.look(inTier1(world, args, { cure: rollout.cure }));
    return said.split('\n').at(-1);
  },
};

const ready: Check = {
  id: 'tier1-ready',
  title: 'Each pod of tier 1 is ready, by the word of the cluster and by its own',
  cure: 'kubectl logs of that pod says why not',
  run: async ({ pods }) => {
    const all = await pods();
    for (const { name, isReady, condition, silence } of all) {
      if (condition === undefined) {
        const cure =
          'kubectl exec POD -- weir health --json must work: see that you may use pods/exec, and that the pod runs';
        throw new Fault(`${name} cannot be asked: ${silence || 'it says nothing'}`, cure);
      }
      if (!condition.ready)
        throw new Fault(`${name} is not ready: ${condition.fault}`, `kubectl logs ${name}`);
      if (!isReady) throw new Fault(`${name} is not ready to the cluster`, `kubectl describe pod ${name}`);
    }
    return named(all);
  },
};

const version: Check = {
  id: 'tier1-version',
  title: 'All pods of tier 1 run the same image',
  cure: 'kubectl rollout status deployment/weir: two versions are there while it goes on',
  run: async ({ pods, world }) => {
    const image = same(await pods(), 'image', ({ image }) => image);
    const wanted = world.state.recall('image.digest');
    if (wanted !== undefined && wanted !== image) {
      throw new Fault(
        `The pods run ${image}, and ${wanted} is to be there`,
        `somebody has changed it by another way: deploy/rollback version --settings ${world.settings.file} --tier 1 --to ${wanted} puts back what was put in last; or deploy that one`,
      );
    }
    return image;
  },
};

const policy: Check = {
  id: 'tier1-policy',
  title: 'All pods of tier 1 serve by the same policy, which is that of their file',
  cure: 'docs/runbooks/WeirPoliciesDiffer.md',
  run: async ({ pods }) => {
    const all = await pods();
    const late = all.find(({ condition }) => condition?.reloaded === false);
    if (late !== undefined) {
      throw new Fault(
        `${late.name} does not take the configuration that lies there`,
        `kubectl logs ${late.name} says why: docs/runbooks/WeirReloadFailed.md; deploy/rollback policy goes back`,
      );
    }
    return same(all, 'policy', ({ condition }) => condition?.policy ?? '');
  },
};

/** What all of them have. @throws {Fault} where one has another, or none */
function same(pods: readonly Pod[], what: string, of: (pod: Pod) => string): string {
  const [first] = pods;
  const wanted = first === undefined ? '' : of(first);
  const other = pods.find((pod) => of(pod) === '' || of(pod) !== wanted);
  if (first === undefined || other === undefined) return wanted;
  const found = pods.map((pod) => `${pod.name} ${of(pod) || 'nothing'}`).join(', ');
  throw new Fault(
    `Not all pods have the same ${what}: ${found}`,
    what === 'policy'
      ? 'wait a minute, which a change may take; then docs/runbooks/WeirPoliciesDiffer.md'
      : 'kubectl rollout status deployment/weir: two versions are there while it goes on',
  );
}

function named(pods: readonly Pod[]): string {
  return pods.map(({ name }) => name).join(', ');
}

export const tier1Checks: readonly Check[] = [rollout, ready, version, policy];
