/** 50,000 pods: what they take, at most 1 kB each also where no two of them have the same labels, and how they come. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { type Pod, readPod } from '#pods/pod.ts';
import { PodIndex } from '#pods/pod-index.ts';
import { ApiServer } from '../fixtures/api-server.ts';
import { Watching } from '../fixtures/pod-watch.ts';
import { type PodParts, v1Pod } from '../fixtures/pods.ts';
import { eventually } from '../fixtures/within.ts';

// Most of the time goes into the stand-in for the API server.
t.setTimeout(120_000);

const PODS = 50_000;
const MOST_BYTES = 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function uidAt(at: number): string {
  return `${at.toString(16).padStart(8, '0')}-9c1f-4a3e-8d2b-6f0e5a7c9b1d`;
}

function addressAt(at: number): string {
  return `10.${128 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
}

function podParts(at: number): PodParts {
  return {
    uid: uidAt(at),
    name: `payments-api-7d9c5b6f4-${at.toString(36).padStart(5, 'x')}`,
    namespace: `team-${at % 200}`,
    account: `account-${at % 500}`,
    node: `gke-pool-${at % 1000}`,
    nodeIps: [`10.132.${(at % 1000) >> 8}.${at % 250}`],
    ips: [addressAt(at), `fd00::${at.toString(16)}`],
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
  };
}

/** As it comes over the wire, from which no text may be kept alive. */
function podAt(at: number): Pod {
  return readPod(JSON.parse(JSON.stringify(v1Pod(podParts(at))))) as Pod;
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

t.test('50,000 pods are listed and listed again, and changes come after', async (t) => {
  await using api = await ApiServer.start();
  const [first, last] = [podParts(0), podParts(PODS - 1)];
  for (let at = 0; at < PODS; at += 1) api.put(v1Pod(podParts(at)));
  await using watching = new Watching({ server: api.url });
  await watching.until(addressAt(PODS - 1), uidAt(PODS - 1));
  t.equal(watching.directory.size, PODS);
  await api.untilWatched();
  const kept = watching.directory.find(addressAt(0))?.identity;
  api.remove(uidAt(PODS - 1));
  api.put(v1Pod({ ...last, uid: 'next', started: 60 }));
  await watching.until(addressAt(PODS - 1), 'next');
  api.fail(410);
  await eventually(() => api.asked.watches === 2, 'the next watch');
  t.equal(watching.directory.size, PODS);
  t.equal(watching.directory.find(addressAt(0))?.identity, kept, 'what has not changed is the same');
  t.match(kept, { uid: uidAt(0), namespace: first.namespace });
});
