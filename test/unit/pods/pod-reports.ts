import t from 'tap';
import type { Trouble } from '#pods/api-session.ts';
import type { PodNews } from '#pods/pod-directory.ts';
import { openDirectory, openNamespaceWatch, openPodWatch, openTierSize } from '#pods/pod-reports.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { pod, v1Pod } from '../../fixtures/pods.ts';
import { eventually } from '../../fixtures/within.ts';

class Heard {
  readonly lines: string[] = [];
  readonly #take = (level: string) => (facts: object, message: string) => {
    this.lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  };
  readonly log = { debug: this.#take('debug'), info: this.#take('info'), warn: this.#take('warn') };
}

t.test('openDirectory() warns of nodes, and of what is stale', async (t) => {
  const heard = new Heard();
  let now = 1;
  const directory = openDirectory(heard.log, { now: () => now });
  directory.take({ isAll: true, changes: [pod()], ageMs: 0 });
  directory.find('10.0.0.1');
  now = 1_000_000;
  directory.take({ isAll: false, changes: [], ageMs: 900_000 });
  directory.take({ isAll: false, changes: [], ageMs: 0 });
  t.match(heard.lines, [
    /^warn A client has the address of a node.*"node":"node-1","address":"10.0.0.1"/,
    /^warn The API server has not been heard for 5 minutes/,
    /^info The API server is heard again of pods/,
  ]);
  heard.lines.length = 0;
  now = 2_000_000;
  directory.namespaces.take({ isAll: true, changes: [], ageMs: 900_000 });
  t.match(heard.lines, [
    /^warn The API server has not been heard for 5 minutes, .* of labels of namespaces /,
  ]);
  directory.clear();
  openDirectory(heard.log).clear();
});

t.test('openTierSize() warns where this host is no pod', async (t) => {
  const heard = new Heard();
  const directory = openDirectory(heard.log);
  directory.take({ isAll: true, changes: [pod()], ageMs: 0 });
  t.equal(openTierSize(heard.log, directory).count, 1);
  t.match(heard.lines, [/^warn No pod has an address of this host/]);
  directory.clear();
});

t.test('openPodWatch() tells of lists, and why it begins again', async (t) => {
  await using api = await ApiServer.start();
  api.put(v1Pod());
  const heard = new Heard();
  const troubles: Trouble[] = [];
  const news: PodNews[] = [];
  const watch = openPodWatch(
    { log: heard.log, onRestart: (trouble) => troubles.push(trouble) },
    (one) => void news.push(one),
  );
  watch.follow({ server: api.url, tokenFile: undefined, caFile: undefined });
  await api.untilWatched();
  t.same(heard.lines, ['info Pods are listed {"pods":1}']);
  api.fail(500);
  await eventually(() => troubles.length === 1, 'a restart');
  t.match(heard.lines[1], /^warn The watch of pods begins again: The API server says 500.*"why":"failed"/);
  await eventually(() => api.asked.watches === 2, 'the next watch');
  await api.untilWatched();
  api.endWatches();
  await eventually(() => troubles.length === 2, 'a restart');
  t.match(heard.lines.at(-1), /^debug The watch of pods goes on/);
  await watch.stop();
  t.ok(news.some(({ isAll }) => isAll));
});

t.test('openNamespaceWatch() says which role is missing, and what that means', async (t) => {
  await using api = await ApiServer.start();
  const heard = new Heard();
  const troubles: Trouble[] = [];
  api.refuseNext(403);
  const watch = openNamespaceWatch(
    { log: heard.log, onRestart: (trouble) => troubles.push(trouble) },
    () => {},
  );
  watch.follow({ server: api.url, tokenFile: undefined, caFile: undefined });
  await api.untilWatched();
  t.same(troubles, ['refused']);
  t.match(heard.lines, [
    /^warn The watch of namespaces begins again: The API server says 403: Failure with 403; what namespaceLabels ask for is unknown, .*ClusterRole such as weir-namespace-reader \(k8s\/components\/namespace-labels\)/,
    /^info Namespaces are listed {"namespaces":0}/,
  ]);
  await watch.stop();
});
