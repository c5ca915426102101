/** What 50,000 pods take: at most 1 kB each, also where no two of them have the same labels. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { type Pod, readPod } from '#pods/pod.ts';
import { PodIndex } from '#pods/pod-index.ts';
import { v1Pod } from '../fixtures/pods.ts';

const PODS = 50_000;
const MOST_BYTES = 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** As it comes over the wire, from which no text may be kept alive. */
function podAt(at: number): Pod {
  const uid = `${at.toString(16).padStart(8, '0')}-9c1f-4a3e-8d2b-6f0e5a7c9b1d`;
  const json = JSON.stringify(
    v1Pod({
      uid,
      name: `payments-api-7d9c5b6f4-${at.toString(36).padStart(5, 'x')}`,
      namespace: `team-${at % 200}`,
      account: `account-${at % 500}`,
      node: `gke-pool-${at % 1000}`,
      nodeIps: [`10.132.${(at % 1000) >> 8}.${at % 250}`],
      ips: [`10.${128 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`, `fd00::${at.toString(16)}`],
      labels: {
        app: 'payments-api',
        'app.kubernetes.io/name': 'payments-api',
        'app.kubernetes.io/instance': `payments-api-${at % 200}`,
        'app.kubernetes.io/managed-by': 'Helm',
        'pod-template-hash': '7d9c5b6f4',
        'statefulset.kubernetes.io/pod-name': `payments-api-${at}`,
        tier: 'front',
        team: `team-${at % 200}`,
      },
    }),
  );
  return readPod(JSON.parse(json)) as Pod;
}

t.test('50,000 pods take at most 1 kB each', async (t) => {
  const before = heapUsed();
  const index = new PodIndex();
  for (let at = 0; at < PODS; at += 1) index.apply(podAt(at));
  const each = (heapUsed() - before) / PODS;
  t.equal(index.size, PODS);
  t.ok(each <= MOST_BYTES, `${Math.round(each)} bytes`);
  t.comment(`${Math.round(each)} bytes for each pod`);
});
