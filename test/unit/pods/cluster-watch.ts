import t from 'tap';
import { ClusterWatch } from '#pods/cluster-watch.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { pod, v1Namespace, v1Pod } from '../../fixtures/pods.ts';

const A = '10.4.0.7';
const SILENT = { debug() {}, info() {}, warn() {} };
const REPORTS = { log: SILENT, onRestart() {}, onNamespacesRestart() {} };

function watching(directory: PodDirectory): ClusterWatch {
  return new ClusterWatch(REPORTS, {
    onPods: (news) => directory.take(news),
    onNamespaces: (news) => directory.namespaces.take(news),
  });
}

t.test('it watches namespaces where they are asked for, and pods always', async (t) => {
  await using api = await ApiServer.start();
  api.put(v1Pod({ ips: [A] }));
  api.put(v1Namespace('api', { team: 'a' }), '/api/v1/namespaces');
  const directory = new PodDirectory();
  const watch = watching(directory);
  const cluster = { server: api.url, tokenFile: undefined, caFile: undefined };
  watch.follow({ ...cluster, watchesNamespaces: false });
  await api.untilWatched(1);
  t.match(api.requests, [/^\/api\/v1\/pods\?/, /^\/api\/v1\/pods\?/], 'nothing else is asked');
  t.equal(directory.find(A)?.identity.namespaceLabels?.labels, undefined);
  await watch.foresee({ ...cluster, watchesNamespaces: false }, directory.namespaces);
  await watch.foresee(undefined, directory.namespaces);
  await watch.foresee({ ...cluster, watchesNamespaces: true }, directory.namespaces);
  t.equal(directory.find(A)?.identity.namespaceLabels?.labels?.get('team'), 'a');
  await api.untilWatched(2);
  watch.follow({ ...cluster, watchesNamespaces: true });
  t.equal(api.asked.watches, 2, 'what was foreseen goes on');
  watch.follow({ ...cluster, watchesNamespaces: false });
  await api.untilWatched(1);
  watch.follow(undefined);
  await api.untilWatched(0);
  await watch.stop();
  directory.clear();
});

t.test('it ends both at once', async (t) => {
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
