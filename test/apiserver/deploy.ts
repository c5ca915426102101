/**
 * `npm run test:apiserver`: a real kubectl does at a real kube-apiserver what deploy/deploy has it do there: rights, the namespace, Secrets
 * twice over, and the Job of weir doctor. Nothing runs in this cluster, which has no controllers.
 */
import { join } from 'node:path';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { execute } from '../../deploy/lib/execute.ts';
import { doctorJob } from '../../deploy/steps/doctor-job.ts';
import { CONTEXT, Site } from '../fixtures/deploy/site.ts';
import { openStage, programs, type Stage } from '../fixtures/kube-stage.ts';
import { run } from '../fixtures/run.ts';

t.setTimeout(300_000);

const SECRETS = '/api/v1/namespaces/intra-proxy/secrets';

interface Secret {
  readonly data: Readonly<Record<string, string>>;
  readonly metadata: { readonly annotations?: object; readonly resourceVersion: string };
}

const found = programs();
if (found === undefined) {
  t.pass('deploy/deploy at a real API server', {
    skip: 'kube-apiserver, etcd or kubectl is not installed: k8s/README.md, "A real API server"',
  });
} else {
  const stage = await openStage(t, found);
  const kubeconfig = stage.server.kubeconfig(stage.folder, CONTEXT, stage.issuer.caFile);
  await namespaceAndSecrets(stage, kubeconfig);
  await doctor(stage, kubeconfig);
}

async function namespaceAndSecrets({ server, programs }: Stage, kubeconfig: string): Promise<void> {
  await t.test('namespace and Secrets are made, and making them again changes nothing', async (t) => {
    const site = new Site(t);
    site.tools.kubectl = (args, input) =>
      execute({ words: ['env', `KUBECONFIG=${kubeconfig}`, programs.kubectl, ...args] }, input);
    const steps = ['--only', 'prerequisites,certificates,keys,namespace,secrets'];
    const first = await site.run(deployMain, steps);
    t.equal(first.status, 0, first.err.join('\n'));
    const made = (await server.must('GET', `${SECRETS}/weir-tls`)) as unknown as Secret;
    t.same(Object.keys(made.data).toSorted(), ['ca.crt', 'tls.crt', 'tls.key']);
    t.equal(made.metadata.annotations, undefined, 'no copy of it in an annotation');
    t.match(await server.must('GET', `${SECRETS}/weir-hop`), { data: { 'hop.key': /^[\w+/=]{40,}$/ } });
    t.match(await site.run(deployMain, steps), { status: 0 });
    const after = (await server.must('GET', `${SECRETS}/weir-tls`)) as unknown as Secret;
    t.same(after.data, made.data);
  });
}

async function doctor({ server, folder, programs }: Stage, kubeconfig: string): Promise<void> {
  await t.test('the Job of weir doctor is taken, and one that is not there is taken away', async (t) => {
    await server.must('POST', '/api/v1/namespaces', { metadata: { name: 'api' } });
    const job = JSON.stringify(doctorJob('weir-doctor-name-a', 'weir@sha256:0', ['doctor', 'a.b']));
    const kubectl = (args: readonly string[], input = '') =>
      run(programs.kubectl, [`--context=${CONTEXT}`, ...args, '--namespace=api'], {
        env: { KUBECONFIG: kubeconfig, HOME: join(folder, 'home') },
        input,
      });
    t.match(await kubectl(['apply', '--filename=-', '--validate=strict'], job), { status: 0, stderr: '' });
    const get = [
      'get',
      'job',
      'weir-doctor-name-a',
      '--output=jsonpath={.status.conditions[?(@.status=="True")].type}',
    ];
    t.match(await kubectl(get), { status: 0, stdout: '' });
    const remove = ['delete', 'job', 'weir-doctor-name-a', '--ignore-not-found', '--wait'];
    t.match(await kubectl(remove), { status: 0, stdout: /deleted/ });
    t.match(await kubectl(remove), { status: 0, stdout: '' });
  });
}
