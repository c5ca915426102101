import os from 'node:os';
import t from 'tap';
import { HOST_ADDRESSES } from '#net/own-addresses.ts';
import type { PodChange } from '#pods/pod.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { TierSize } from '#pods/tier-size.ts';
import { type PodParts, pod } from '../../fixtures/pods.ts';

const OWN = '10.4.0.7';

function weir(uid: string, parts: PodParts = {}) {
  return pod({
    uid,
    namespace: 'intra-proxy',
    account: 'weir',
    isReady: true,
    ips: [`10.4.1.${uid}`],
    ...parts,
  });
}

/** The tier of the pod at {@link OWN}. */
function stage() {
  let now = 0;
  const directory = new PodDirectory({ now: () => now, staleMs: 1000 });
  t.teardown(() => directory.clear());
  let strangers = 0;
  const tier = new TierSize(directory, {
    ownTexts: () => ['127.0.0.1', OWN],
    onStranger: () => {
      strangers += 1;
    },
  });
  const tell = (changes: readonly PodChange[], isAll = false): void =>
    directory.take({ isAll, changes, ageMs: 0 });
  return {
    directory,
    tier,
    tell,
    strangers: () => strangers,
    /** Nothing is heard for so long. */
    pass(ms: number): void {
      now += ms;
      directory.take({ isAll: false, changes: [], ageMs: ms });
    },
  };
}

// The first of all, since what is seen once stands.
t.test('TierSize does without a host that cannot be looked at', async (t) => {
  const { networkInterfaces } = os;
  t.teardown(() => Object.assign(os, { networkInterfaces }));
  os.networkInterfaces = () => {
    throw new Error('Too many open files');
  };
  const directory = new PodDirectory();
  directory.take({ isAll: true, changes: [weir('1'), weir('2')], ageMs: 0 });
  t.equal(new TierSize(directory).count, 1);
  directory.clear();
});

t.test('TierSize counts ready pods of the same account, and follows them', async (t) => {
  const { tier, tell, strangers } = stage();
  t.equal(tier.count, 1, 'before anything is known');
  const strange = weir('9', { namespace: 'batch' });
  const canary = weir('8', { account: 'canary' });
  tell([weir('1', { ips: [OWN] }), weir('2'), weir('3', { isReady: false }), strange, canary], true);
  t.equal(tier.count, 2);
  tell([weir('3')]);
  t.equal(tier.count, 3);
  tell([weir('2', { isReady: false })]);
  t.equal(tier.count, 2);
  tell(['3']);
  t.equal(tier.count, 1);
  t.equal(strangers(), 0);
});

t.test('TierSize counts this pod in before it is ready', async (t) => {
  const { tier, tell } = stage();
  tell([weir('1', { ips: [OWN], isReady: false }), weir('2')], true);
  t.equal(tier.count, 2);
});

t.test('TierSize is the most that was known where nobody knows', async (t) => {
  const { tier, tell, pass, directory } = stage();
  tell([weir('1', { ips: [OWN] }), weir('2'), weir('3')], true);
  t.equal(tier.count, 3);
  tell(['3']);
  t.equal(tier.count, 2);
  pass(2000);
  t.equal(tier.count, 3, 'the API server is not heard');
  pass(0);
  t.equal(tier.count, 2, 'it is again');
  tell(['1']);
  t.equal(tier.count, 3, 'this pod is about to end');
  directory.clear();
  t.equal(tier.count, 1, 'pods are watched no more');
});

t.test('TierSize tells once where this host is no pod, or has the address of a node', async (t) => {
  const { tier, tell, strangers } = stage();
  tell([weir('1'), weir('2', { nodeIps: [OWN] })], true);
  t.equal(tier.count, 1);
  tell([weir('3')]);
  t.equal(tier.count, 1);
  t.equal(strangers(), 1);
});

t.test('sharersOf() is for configurations that watch pods and limit something', async (t) => {
  const { tier, tell } = stage();
  tell([weir('1', { ips: [OWN] }), weir('2')], true);
  const [kubernetes, limits] = [{}, { few: {} }];
  t.equal(tier.sharersOf({ kubernetes, limits }), 2);
  t.equal(tier.sharersOf({ kubernetes, limits: {} }), undefined);
  t.equal(tier.sharersOf({ kubernetes: undefined, limits }), undefined);
});

t.test('TierSize knows the addresses of this host by itself', async (t) => {
  const directory = new PodDirectory();
  const tier = new TierSize(directory);
  directory.take({ isAll: true, changes: [weir('2')], ageMs: 0 });
  t.equal(tier.count, 1, 'and does without anybody to tell');
  const [own] = HOST_ADDRESSES.all() ?? [];
  directory.take({ isAll: false, changes: [weir('1', { ips: [String(own?.text)] })], ageMs: 0 });
  t.equal(tier.count, 2);
  directory.clear();
});
