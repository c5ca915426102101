import t from 'tap';
import { type Pod, readPod, uidOf } from '#pods/pod.ts';
import { atSecond, type PodParts, v1Pod } from '../../fixtures/pods.ts';

function read(parts: PodParts): Pod {
  return readPod(v1Pod(parts)) as Pod;
}

t.test('readPod() keeps who a pod is and where it connects from', async (t) => {
  const labels = { tier: 'front', app: 'api' };
  t.strictSame(readPod(v1Pod({ labels, ips: ['10.4.0.7', 'FD00:0::7'], nodeIps: ['10.0.0.1', 'fd00::1'] })), {
    uid: 'u1',
    namespace: 'api',
    name: 'api-0',
    serviceAccount: 'builder',
    labels: ['app', 'api', 'tier', 'front'],
    hasAllLabels: true,
    addresses: ['10.4.0.7', 'fd00::7'],
    node: 'node-1',
    nodeAddresses: ['10.0.0.1', 'fd00::1'],
    startedMs: Date.parse(atSecond(0)),
    isRunning: true,
    isReady: false,
  });
});

t.test('readPod() makes of a pod that is over, or about to be, its uid', async (t) => {
  const ips = ['10.4.0.7'];
  t.equal(readPod(v1Pod({ ips, phase: 'Succeeded' })), 'u1');
  t.equal(readPod(v1Pod({ ips, phase: 'Failed' })), 'u1');
  t.equal(readPod(v1Pod({ ips, isTerminating: true })), 'u1');
});

t.test('readPod() takes a pod for ready that its conditions say so of', async (t) => {
  t.equal(read({ isReady: true }).isReady, true);
  t.equal(read({ isReady: false }).isReady, false);
  const { metadata, spec, status } = v1Pod();
  const told = Object(status);
  for (const conditions of [
    'Ready',
    [],
    [null, { type: 'Ready' }],
    [{ type: 'Initialized', status: 'True' }],
  ])
    t.match(readPod({ metadata, spec, status: { ...told, conditions } }), { isReady: false });
});

t.test('readPod() knows a pod that begins', async (t) => {
  t.match(read({ phase: 'Pending', ips: ['10.4.0.7'] }), { isRunning: false, addresses: ['10.4.0.7'] });
  const unscheduled = {
    metadata: { uid: 'u1', name: 'a', namespace: 'b', creationTimestamp: atSecond(5) },
    status: { phase: 'Pending' },
  };
  t.match(readPod(unscheduled), {
    addresses: [],
    node: undefined,
    nodeAddresses: [],
    serviceAccount: undefined,
    labels: [],
    hasAllLabels: true,
    startedMs: Date.parse(atSecond(5)),
  });
});

t.test('readPod() gives a pod on the network of its node no address of its own', async (t) => {
  t.match(read({ isHostNetwork: true, ips: ['10.0.0.1', 'fd00::1'] }), {
    addresses: [],
    nodeAddresses: ['10.0.0.1', 'fd00::1'],
  });
});

t.test(
  'readPod() reads the single address where there is no list, and leaves out what is none',
  async (t) => {
    const { metadata, spec } = v1Pod();
    const place = (status: object) => readPod({ metadata, spec, status });
    t.match(place({ podIP: '10.4.0.7', hostIP: '10.0.0.1' }), {
      addresses: ['10.4.0.7'],
      nodeAddresses: ['10.0.0.1'],
    });
    t.match(place({ podIPs: [{ ip: 'x' }, { ip: 7 }, null, { ip: '10.4.0.8' }] }), {
      addresses: ['10.4.0.8'],
    });
    t.match(place({ podIPs: Array.from({ length: 50 }, (_, index) => ({ ip: `10.4.0.${index}` })) }), {
      addresses: { length: 8 },
    });
  },
);

t.test('readPod() says when it does not have all labels', async (t) => {
  t.match(read({ labels: { a: 'x'.repeat(64), b: 'y' } }), { labels: ['b', 'y'], hasAllLabels: false });
});

const WHOLE = v1Pod();
const meta = (change: object): unknown => ({ ...WHOLE, metadata: { ...WHOLE.metadata, ...change } });
const UNREADABLE: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  'a list': [],
  text: 'pod',
  'no metadata': { spec: {}, status: {} },
  'no uid': meta({ uid: undefined }),
  'an empty uid': meta({ uid: '' }),
  'a uid that is no text': meta({ uid: 7 }),
  'no name': meta({ name: undefined }),
  'a name that is too long': meta({ name: 'x'.repeat(254) }),
  'no namespace': meta({ namespace: null }),
  'no time': { ...(meta({ creationTimestamp: undefined }) as object), status: {} },
  'a time that is none': { ...(meta({ creationTimestamp: 'soon' }) as object), status: {} },
};

for (const [title, value] of Object.entries(UNREADABLE)) {
  t.test(`readPod() makes nothing of ${title}`, async (t) => {
    t.equal(readPod(value), undefined);
  });
}

t.test('uidOf() reads the uid alone', async (t) => {
  t.equal(uidOf({ metadata: { uid: 'u9' } }), 'u9');
  t.equal(uidOf({ metadata: { uid: '' } }), undefined);
  t.equal(uidOf(null), undefined);
});
