import t from 'tap';
import { inCluster } from '#config/in-cluster.ts';
import { complaints, config } from '../../fixtures/config.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

t.test('inCluster() leaves alone what needs nothing of the cluster', async (t) => {
  const plain = await config();
  t.equal(inCluster(plain), plain);
  const named = await config('kubernetes: { identity: true, apiServer: "https://a:1" }');
  t.equal(inCluster(named, {}), named);
});

t.test('inCluster() goes by what Kubernetes tells a pod', async (t) => {
  const watching = await config('kubernetes: { identity: true }');
  const found = inCluster(watching, { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' });
  t.strictSame(found.kubernetes, {
    server: 'https://10.0.0.1:6443',
    tokenFile: `${FOLDER}/token`,
    caFile: `${FOLDER}/ca.crt`,
    whenStale: 'keep',
    watchesNamespaces: false,
  });
  t.equal(found.hash, watching.hash);
  t.equal(
    inCluster(watching, { KUBERNETES_SERVICE_HOST: 'fd00::1' }).kubernetes?.server,
    'https://[fd00::1]:443',
  );
  const own = await config('kubernetes: { identity: true, tokenFile: /t, caFile: /c }');
  t.match(inCluster(own, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }).kubernetes, {
    tokenFile: '/t',
    caFile: '/c',
  });
});

t.test('inCluster() says what is missing where this is no pod', async (t) => {
  const watching = await config('kubernetes: { identity: true }');
  t.same(await complaints(Promise.resolve().then(() => inCluster(watching, {}))), [
    'undefined:1:1: kubernetes.identity: Cannot watch pods: KUBERNETES_SERVICE_HOST is not set, so that this is no pod (value true). Name the API server by kubernetes.apiServer',
  ]);
});
