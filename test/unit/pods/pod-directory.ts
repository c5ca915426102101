import t from 'tap';
import type { PodChange } from '#pods/pod.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { pod } from '../../fixtures/pods.ts';

const A = '10.4.0.7';

function news(changes: readonly PodChange[], isAll = false, ageMs = 0) {
  return { isAll, changes, ageMs };
}

t.test('take() takes over a list and changes', async (t) => {
  const directory = new PodDirectory();
  t.equal(directory.isSynced, false);
  t.equal(directory.all(), undefined);
  directory.take(news([pod({ ips: [A] })]));
  t.equal(directory.isSynced, false, 'a change is no list');
  directory.take(news([pod({ uid: 'u2', ips: [A], started: 9 }), 'u3'], true));
  t.equal(directory.isSynced, true);
  t.equal(directory.size, 1);
  t.match(directory.find(A), { identity: { uid: 'u2' } });
  t.same(directory.known('u2'), pod({ uid: 'u2', ips: [A], started: 9 }));
  t.match(directory.all(), { isAll: true, changes: [{ uid: 'u2' }] });
  directory.take(news(['u2']));
  t.equal(directory.find(A), undefined);
  directory.clear();
});

t.test('untilKnown() ends with the news of the address', async (t) => {
  const directory = new PodDirectory({ patienceMs: 1_000_000 });
  const known = directory.untilKnown(A);
  directory.take(news([pod({ uid: 'other', ips: ['10.4.0.8'] })]));
  directory.take(news([pod({ ips: [A] })]));
  await known;
  t.match(directory.find(A), { identity: { uid: 'u1' } });
  directory.clear();
});

t.test('it is as old as the last word of the API server', async (t) => {
  let now = 1000;
  const directory = new PodDirectory({ now: () => now, staleMs: 1_000_000 });
  now = 1500;
  t.equal(directory.ageMs, 500);
  directory.take(news([], false, 100));
  t.equal(directory.ageMs, 100);
  directory.take(news([], false, 300));
  t.equal(directory.ageMs, 100, 'what comes later is not older');
  directory.clear();
  t.equal(directory.ageMs, 0);
});

t.test('it is stale where nothing was said for too long, until something is', async (t) => {
  const told: boolean[] = [];
  const gone = Promise.withResolvers<void>();
  const directory = new PodDirectory({
    staleMs: 20,
    patienceMs: 1_000_000,
    onStale(isStale) {
      told.push(isStale);
      if (isStale) gone.resolve();
    },
  });
  directory.take(news([pod({ ips: [A] })], true));
  directory.take(news([]));
  t.equal(directory.isStale, false);
  // Its own timer keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  await gone.promise;
  clearInterval(alive);
  t.equal(directory.isStale, true);
  t.match(directory.find(A), { identity: { uid: 'u1' } }, 'what to make of it is not its business');
  t.equal(directory.untilKnown('10.4.0.8'), undefined, 'nothing is to be expected');
  directory.take(news([]));
  t.equal(directory.isStale, false);
  t.same(told, [true, false]);
  directory.clear();
});

t.test('it is stale at once by news that are old', async (t) => {
  const directory = new PodDirectory({ now: () => 1_000_000 });
  directory.take(news([], true, 5 * 60_000));
  t.equal(directory.isStale, false, 'nothing older than since when it waits');
  let now = 0;
  const other = new PodDirectory({ now: () => now });
  now = 1_000_000;
  other.take(news([], true, 5 * 60_000));
  t.equal(other.isStale, true);
  other.clear();
  t.equal(other.isStale, false);
  directory.clear();
});

t.test('crewOf() counts who is ready beside a pod, and version tells when to ask again', async (t) => {
  let now = 0;
  const directory = new PodDirectory({ now: () => now });
  const told = news([
    pod({ ips: [A] }),
    pod({ uid: 'u2', isReady: true }),
    pod({ uid: 'u3', isReady: true }),
  ]);
  directory.take(told);
  const { version } = directory;
  t.equal(directory.crewOf(A), 3);
  directory.take(news([pod({ ips: [A], isReady: true })]));
  t.equal(directory.crewOf(A), 3);
  t.equal(directory.crewOf('10.0.0.1'), undefined, 'a node is no pod');
  t.equal(directory.crewOf('10.4.0.8'), undefined);
  t.not(directory.version, version);
  const after = directory.version;
  directory.take(news([]));
  t.equal(directory.version, after, 'nothing is new');
  now = 1_000_000;
  directory.take({ ...news([]), ageMs: now });
  t.ok(directory.isStale);
  const stale = directory.version;
  t.not(stale, after, 'it may be wrong');
  directory.take(news([]));
  const fresh = directory.version;
  t.not(fresh, stale, 'it is right again');
  directory.clear();
  t.not(directory.version, fresh);
});

t.test('it tells of each node once that a client has the address of', async (t) => {
  const told: string[] = [];
  const directory = new PodDirectory({ onNode: (node, address) => told.push(`${node} ${address}`) });
  directory.take(news([pod({ ips: [A] }), pod({ uid: 'u2', node: 'node-2', nodeIps: ['10.0.0.2'] })]));
  for (const address of ['10.0.0.1', '10.0.0.1', '10.0.0.2', A]) t.ok(directory.find(address));
  t.same(told, ['node-1 10.0.0.1', 'node-2 10.0.0.2']);
  directory.clear();
  const silent = new PodDirectory();
  silent.take(news([pod({ ips: [A] })]));
  t.match(silent.find('10.0.0.1'), { node: 'node-1' });
  silent.clear();
});

t.test('heed() forgets what a configuration does not have watched', async (t) => {
  let now = 0;
  const directory = new PodDirectory({ now: () => now });
  const api = { name: 'api', labels: ['team', 'a'], hasAllLabels: true };
  const tell = (): void => {
    directory.take(news([pod({ ips: [A] })], true));
    directory.namespaces.take({ isAll: true, changes: [api], ageMs: 400_000 });
  };
  now = 1_000_000;
  tell();
  const team = () => directory.find(A)?.identity.namespaceLabels?.labels?.get('team');
  directory.heed({ whenStale: 'keep', watchesNamespaces: true });
  t.equal(team(), 'a');
  directory.heed({ whenStale: 'unknown', watchesNamespaces: true });
  t.equal(team(), undefined, 'what is stale');
  directory.heed({ whenStale: 'keep', watchesNamespaces: false });
  t.equal(team(), undefined);
  t.ok(directory.find(A));
  directory.heed(undefined);
  t.equal(directory.find(A), undefined);
});
