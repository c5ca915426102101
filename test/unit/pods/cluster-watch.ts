import t from 'tap';
import { ClusterWatch, clusterStateOf } from '#pods/cluster-watch.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { pod, v1Namespace, v1Pod } from '../../fixtures/pods.ts';
import { eventually } from '../../fixtures/within.ts';

const A = '10.4.0.7';
const NAMESPACES = '/api/v1/namespaces';
const SILENT = { debug() {}, info() {}, warn() {} };

type Expect = ConstructorParameters<typeof ClusterWatch>[0]['metrics']['expect'];

function watching(directory: PodDirectory, expect: Expect = () => {}): ClusterWatch {
  const restarts = { onRestart() {}, onNamespacesRestart() {} };
  return new ClusterWatch(
    { log: SILENT, metrics: { expect, restarts } },
    {
      onPods: (news) => directory.take(news),
      onNamespaces: (news) => directory.namespaces.take(news),
    },
  );
}

t.test('ClusterWatch watches namespaces where they are asked for, and pods always', async (t) => {
  await using api = await ApiServer.start();
  api.put(v1Pod({ ips: [A] }));
  api.put(v1Namespace('api', { team: 'a' }), NAMESPACES);
  const directory = new PodDirectory();
  const teamOf = () => directory.find(A)?.identity.namespaceLabels?.labels?.get('team');
  const expected: unknown[] = [];
  const watch = watching(directory, (reasons, cluster) => {
    expected.push([reasons.includes('refused'), cluster?.watchesNamespaces]);
  });
  const cluster = { server: api.url, tokenFile: undefined, caFile: undefined };
  watch.follow({ ...cluster, watchesNamespaces: false });
  await api.untilWatched(1);
  t.match(api.requests, [/^\/api\/v1\/pods\?/, /^\/api\/v1\/pods\?/], 'nothing else is asked');
  t.equal(directory.find(A)?.identity.namespaceLabels?.labels, undefined);
  await watch.foresee({ ...cluster, watchesNamespaces: false }, directory.namespaces);
  await watch.foresee(undefined, directory.namespaces);
  await watch.foresee({ ...cluster, watchesNamespaces: true }, directory.namespaces);
  t.equal(teamOf(), 'a');
  await api.untilWatched(2);
  watch.follow({ ...cluster, watchesNamespaces: true });
  api.put(v1Namespace('api', { team: 'b' }), NAMESPACES);
  await eventually(() => teamOf() === 'b', 'the label that changed');
  const asked = api.requests.filter((target) => target.startsWith(NAMESPACES));
  t.equal(asked.length, 2, 'what was foreseen goes on: one list and one watch');
  watch.follow({ ...cluster, watchesNamespaces: false });
  await api.untilWatched(1);
  watch.follow(undefined);
  await api.untilWatched(0);
  t.same(expected, [
    [true, false],
    [true, true],
    [true, false],
    [true, undefined],
  ]);
  await watch.stop();
  directory.clear();
});

t.test('stop() ends both watches at once', async (t) => {
  await using api = await ApiServer.start();
  const directory = new PodDirectory();
  const watch = watching(directory);
  watch.follow({ server: api.url, tokenFile: undefined, caFile: undefined, watchesNamespaces: true });
  await api.untilWatched(2);
  await watch.stop();
  await api.untilWatched(0);
  directory.take({ isAll: false, changes: [pod({ ips: [A] })], ageMs: 0 });
  t.ok(directory.find(A));
  directory.clear();
});

t.test('clusterStateOf() tells of what is watched', async (t) => {
  let now = 0;
  const directory = new PodDirectory({ now: () => now });
  directory.take({ isAll: true, changes: [pod({ ips: ['10.4.0.7'] })], ageMs: 0 });
  now = 1500;
  directory.namespaces.take({ isAll: true, changes: [], ageMs: 0 });
  const kubernetes = { server: 'https://a', tokenFile: undefined, caFile: undefined };
  const state = (watchesNamespaces: boolean) =>
    clusterStateOf({ kubernetes: { ...kubernetes, watchesNamespaces } }, directory);
  const pods = { count: 1, ageSeconds: 1.5 };
  t.same(state(true), { pods, namespaces: { count: 0, ageSeconds: 0 } });
  t.same(state(false), { pods, namespaces: undefined });
  const none = { pods: undefined, namespaces: undefined };
  t.same(clusterStateOf({ kubernetes: undefined }, directory), none);
  directory.clear();
});
