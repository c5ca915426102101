import fc from 'fast-check';
import t from 'tap';
import { readPod } from '#pods/pod.ts';
import { PodIndex } from '#pods/pod-index.ts';
import { type PodParts, pod, v1Pod } from '../../fixtures/pods.ts';

function indexOf(...pods: readonly PodParts[]): PodIndex {
  const index = new PodIndex();
  for (const parts of pods) index.apply(pod(parts));
  return index;
}

/** Whose an address is, by uid or the words for a node. */
function whose(index: PodIndex, address: string): string | undefined {
  const identity = index.find(address)?.identity;
  return identity?.uid ?? identity?.pod;
}

const A = '10.4.0.7';
const B = '10.4.0.8';

t.test('find() knows a pod by each of its addresses', async (t) => {
  const index = indexOf({ labels: { app: 'api' }, ips: [A, 'fd00::7'] });
  t.strictSame(index.find(A), index.find('fd00::7'));
  t.match(index.find(A)?.identity, {
    namespace: 'api',
    pod: 'api-0',
    uid: 'u1',
    serviceAccount: 'builder',
    hasAllLabels: true,
  });
  t.same([...(index.find(A)?.identity.podLabels ?? [])], [['app', 'api']]);
  t.equal(index.find(A)?.node, undefined);
  t.equal(index.find(B), undefined);
  t.equal(index.size, 1);
});

t.test('a pod that becomes ready, and is no more, is counted so', async (t) => {
  const index = indexOf({ ips: [A], isReady: false });
  const account = { namespace: 'api', serviceAccount: 'builder' };
  t.equal(index.find(A)?.isReady, false);
  index.apply(pod({ ips: [A], isReady: true }));
  t.equal(index.ready.of(account), 1);
  index.apply(pod({ ips: [A], isReady: true, labels: { app: 'api' } }));
  t.equal(index.ready.of(account), 1);
  t.equal(index.known('u1')?.isReady, true);
  index.apply('u1');
  t.equal(index.ready.of(account), 0);
});

t.test('a pod has the labels of its namespace from whom it is told', async (t) => {
  const labels = { labels: new Map([['team', 'a']]), hasAllLabels: true };
  const index = new PodIndex((namespace) => (namespace === 'api' ? labels : undefined));
  index.replace([pod({ ips: [A] }), pod({ uid: 'u2', namespace: 'web', ips: [B] })]);
  t.equal(index.find(A)?.identity.namespaceLabels, labels);
  t.equal(index.find(B)?.identity.namespaceLabels, undefined);
  t.equal(indexOf({ ips: [A] }).find(A)?.identity.namespaceLabels, undefined);
});

t.test('find() knows a node, and takes what is on its network for no pod', async (t) => {
  const index = indexOf(
    { uid: 'u1', ips: ['10.0.0.1'], isHostNetwork: true },
    { uid: 'u2', ips: [A] },
    { uid: 'u3', ips: ['10.0.0.1'] },
  );
  t.match(index.find('10.0.0.1'), {
    node: 'node-1',
    identity: { pod: 'node/node-1', podLabels: undefined, hasAllLabels: false, namespaceLabels: undefined },
  });
  t.equal(whose(index, A), 'u2');
  for (const uid of ['u1', 'u2']) index.apply(uid);
  t.equal(whose(index, '10.0.0.1'), 'node/node-1', 'a pod on it is left');
  index.apply('u3');
  t.equal(index.find('10.0.0.1'), undefined);
});

t.test('an address that turns out to be of a node is no pod’s any more', async (t) => {
  const index = indexOf({ uid: 'u1', ips: [A], nodeIps: [] }, { uid: 'u2', ips: [B], nodeIps: [A] });
  t.equal(whose(index, A), 'node/node-1');
  index.apply('u2');
  t.equal(whose(index, A), undefined, 'and does not become it again');
});

t.test('a node that takes the address of another has its own name', async (t) => {
  const index = indexOf({ uid: 'u1', node: 'old' }, { uid: 'u2', node: 'new' });
  t.equal(whose(index, '10.0.0.1'), 'node/new');
  index.apply('u1');
  t.equal(whose(index, '10.0.0.1'), 'node/new');
});

t.test('a pod that is gone, or over, leaves its address to nobody', async (t) => {
  const index = indexOf({ ips: [A] });
  index.apply('u1');
  t.equal(index.find(A), undefined);
  t.equal(index.size, 0);
  index.apply('u1');
  index.apply('never heard of');
  t.equal(index.size, 0);
});

t.test('a pod has its labels as they are now, and is the same identity until they change', async (t) => {
  const index = indexOf({ labels: { app: 'a' }, ips: [A], phase: 'Pending' });
  const first = index.find(A)?.identity;
  index.apply(pod({ labels: { app: 'a' }, ips: [A], phase: 'Running' }));
  t.equal(index.find(A)?.identity, first);
  index.apply(pod({ labels: { app: 'b' }, ips: [A] }));
  t.equal(index.find(A)?.identity.podLabels?.get('app'), 'b');
  index.apply({ ...pod({ labels: { app: 'b' }, ips: [A] }), hasAllLabels: false });
  t.equal(index.find(A)?.identity.hasAllLabels, false);
});

t.test('a pod that gets another address has no claim to the first', async (t) => {
  const index = indexOf({ ips: [A] });
  index.apply(pod({ ips: [B] }));
  t.equal(index.find(A), undefined);
  t.equal(whose(index, B), 'u1');
});

t.test('of two pods with one address the one has it that was started later', async (t) => {
  const [old, young] = [
    { uid: 'old', ips: [A], started: 1 },
    { uid: 'young', ips: [A], started: 2 },
  ];
  t.equal(whose(indexOf(old, young), A), 'young');
  t.equal(whose(indexOf(young, old), A), 'young', 'whatever the order');
  t.equal(whose(indexOf(old, { ...young, phase: 'Pending' }), A), 'young', 'init containers connect as well');
});

t.test('of two pods of the same second the running one has it, or the last one', async (t) => {
  const [first, second] = [
    { uid: 'first', ips: [A] },
    { uid: 'second', ips: [A] },
  ];
  t.equal(whose(indexOf(first, second), A), 'second');
  t.equal(whose(indexOf(first, { ...second, phase: 'Pending' }), A), 'first');
  t.equal(whose(indexOf({ ...first, phase: 'Pending' }, second), A), 'second');
});

t.test('who lost an address never inherits it', async (t) => {
  const old = { uid: 'old', ips: [A, B], started: 1 };
  const index = indexOf(old, { uid: 'young', ips: [A], started: 2 });
  index.apply('young');
  t.equal(index.find(A), undefined, 'not when the other is gone');
  index.apply(pod({ ...old, labels: { changed: 'yes' } }));
  t.equal(index.find(A), undefined, 'not when it is told of again');
  index.replace([pod(old)]);
  t.equal(index.find(A), undefined, 'not by a new list');
  t.equal(whose(index, B), 'old', 'and keeps what it has');
  index.apply(pod({ ...old, ips: [B] }));
  index.apply(pod(old));
  t.equal(whose(index, A), 'old', 'but it may be given it anew');
});

t.test('replace() forgets whom it does not name, in one step', async (t) => {
  const index = indexOf({ uid: 'u1', ips: [A] }, { uid: 'u2', ips: [B] });
  const kept = index.find(B)?.identity;
  index.replace([pod({ uid: 'u2', ips: [B] }), pod({ uid: 'u3', ips: [A], started: 9 })]);
  t.equal(whose(index, A), 'u3');
  t.equal(index.find(B)?.identity, kept);
  t.equal(index.size, 2);
  index.replace([]);
  t.equal(index.size, 0);
  t.equal(index.find('10.0.0.1'), undefined);
});

t.test('all() and known() tell another index what this one knows', async (t) => {
  const old = { uid: 'old', ips: [A, B], started: 1, labels: { app: 'api', a: 'b' } };
  const index = indexOf(old, { uid: 'young', ips: [A], started: 2 });
  t.strictSame(index.known('old'), pod({ ...old, ips: [B] }));
  t.equal(index.known('nobody'), undefined);
  const other = new PodIndex();
  other.replace(index.all());
  other.apply('young');
  t.equal(other.find(A), undefined, 'what was lost stays lost there');
  t.equal(whose(other, B), 'old');
  t.strictSame(other.all(), [pod({ ...old, ips: [B] })]);
});

t.test('a pod of which no node is known is known all the same', async (t) => {
  const nowhere = { ips: [A], nodeIps: [] };
  const index = indexOf(nowhere, nowhere);
  t.equal(whose(index, A), 'u1');
  const anywhere = { ...pod({ uid: 'u2', ips: [B], nodeIps: [] }), node: undefined };
  for (const change of [anywhere, anywhere]) index.apply(change);
  t.match(index.all(), [{ node: undefined, nodeAddresses: [] }, { uid: 'u2' }]);
  index.apply('u1');
  t.equal(index.find(A), undefined);
});

t.test('of more pods than there is room for nothing is known', async (t) => {
  const index = new PodIndex(undefined, 1);
  index.apply(pod({ uid: 'u1', ips: [A] }));
  index.apply(pod({ uid: 'u2', ips: [B] }));
  t.equal(index.find(B), undefined);
  index.apply(pod({ uid: 'u1', ips: [B] }));
  t.equal(whose(index, B), 'u1', 'those that are known go on');
});

/** Few of each, so that they meet. */
const CHANGE = fc.record({
  uid: fc.constantFrom('a', 'b', 'c', 'd'),
  ips: fc.subarray([A, B]),
  started: fc.integer({ min: 0, max: 3 }),
  phase: fc.constantFrom('Pending', 'Running', 'Failed'),
});

/** What may never be: that an address is a pod's which does not claim it, or is known not to have it. */
class Witness {
  readonly #claims = new Map<string, readonly string[]>();
  readonly #lost = new Set<string>();

  note({
    uid,
    ips,
    phase,
  }: {
    readonly uid: string;
    readonly ips: readonly string[];
    readonly phase: string;
  }): void {
    const claimed = phase === 'Failed' ? [] : ips;
    this.#claims.set(uid, claimed);
    for (const address of [A, B]) if (!claimed.includes(address)) this.#lost.delete(`${uid} ${address}`);
  }

  look(index: PodIndex, address: string): boolean {
    const holder = whose(index, address) ?? 'nobody';
    const claiming = [...this.#claims].filter(([, claimed]) => claimed.includes(address)).map(([uid]) => uid);
    for (const uid of claiming) if (uid !== holder) this.#lost.add(`${uid} ${address}`);
    if (holder === 'nobody') return true;
    return claiming.includes(holder) && !this.#lost.has(`${holder} ${address}`);
  }
}

t.test('whatever happens, an address is of one that claims it and never lost it', async (t) => {
  await fc.assert(
    fc.property(fc.array(CHANGE, { maxLength: 40 }), (changes) => {
      const index = new PodIndex();
      const witness = new Witness();
      for (const change of changes) {
        index.apply(readPod(v1Pod(change)) ?? 'none');
        witness.note(change);
        if (!(witness.look(index, A) && witness.look(index, B))) return false;
      }
      return true;
    }),
    { seed: 6, numRuns: 1000 },
  );
  t.pass('in a thousand histories');
});
