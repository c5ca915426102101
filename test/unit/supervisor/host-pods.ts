import t, { type Test } from 'tap';
import type { Config } from '#config/config.ts';
import { parseConfig } from '#config/load.ts';
import type { NamespaceNews } from '#pods/namespace-directory.ts';
import { PodDirectory, type PodNews } from '#pods/pod-directory.ts';
import { openSharedOutput } from '#record/open.ts';
import { HostPods } from '#supervisor/host-pods.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { config, configText } from '../../fixtures/config.ts';
import { type PodParts, v1Namespace, v1Pod } from '../../fixtures/pods.ts';
import { eventually } from '../../fixtures/within.ts';

const A = '10.4.0.7';
const NAMESPACES = '/api/v1/namespaces';

interface Stage {
  readonly api: ApiServer;
  readonly pods: HostPods;
  /** What a worker is told. */
  readonly news: PodNews[];
  readonly labels: NamespaceNews[];
  /** A worker that was there from the beginning. */
  readonly worker: PodDirectory;
}

function configAt({ url }: ApiServer, acl?: string): Promise<Config> {
  const kubernetes = `kubernetes: { identity: true, apiServer: "${url}" }`;
  return parseConfig(
    acl === undefined ? configText(kubernetes) : configText(kubernetes).replace('acls: {', `acls: { ${acl},`),
  );
}

function hosting(title: string, play: (t: Test, stage: Stage) => Promise<void>): void {
  t.test(title, async (t) => {
    await using api = await ApiServer.start();
    const output = openSharedOutput({ name: 't', level: 'error' });
    const news: PodNews[] = [];
    const worker = new PodDirectory();
    const labels: NamespaceNews[] = [];
    const tell: ConstructorParameters<typeof HostPods>[1] = (order) => {
      if (order.kind === 'pods') {
        news.push(structuredClone(order.news));
        worker.take(order.news);
      } else {
        labels.push(structuredClone(order.news));
        worker.namespaces.take(order.news);
      }
    };
    // Its clock stands still: nothing is told for the time that went by.
    const pods = new HostPods(output, tell, () => 0);
    pods.start(await configAt(api));
    await api.untilWatched();
    await play(t, { api, pods, news, labels, worker });
    await pods.stop();
    worker.clear();
    await output.close();
  });
}

for (const ageMs of [0, 3_600_000]) {
  t.test(
    `a contact is told once in ten seconds, after the first list, in a process of ${ageMs} ms`,
    async (t) => {
      await using api = await ApiServer.start();
      const output = openSharedOutput({ name: 't', level: 'error' });
      const news: PodNews[] = [];
      let nowMs = ageMs;
      const pods = new HostPods(
        output,
        (order) => {
          if (order.kind === 'pods') news.push(order.news);
        },
        () => nowMs,
      );
      pods.start(await configAt(api));
      await api.untilWatched();
      api.bookmark();
      put(api, { ips: [A] });
      await eventually(() => news.length === 2, 'a pod');
      t.match(news, [
        { isAll: true, changes: [] },
        { isAll: false, changes: [{ addresses: [A] }] },
      ]);
      nowMs += 10_000;
      api.bookmark();
      await eventually(() => news.length === 3, 'a contact');
      t.match(news[2], { isAll: false, changes: [] });
      await pods.stop();
      await output.close();
    },
  );
}

function put(api: ApiServer, parts: PodParts): void {
  api.put(v1Pod(parts));
}

hosting(
  'workers are told everything, and then changes, many at a time',
  async (t, { api, pods, news, worker }) => {
    t.match(news[0], { isAll: true, changes: [] });
    t.equal(pods.known.isSynced, true);
    for (let at = 0; at < 100; at += 1) put(api, { uid: `u${at}`, ips: [`10.4.1.${at}`] });
    await eventually(() => worker.size === 100, '100 pods');
    t.ok(news.length < 50, `${news.length} messages`);
    t.match(worker.find('10.4.1.7'), { identity: { uid: 'u7' } });
    t.equal(pods.beginning.pods?.changes.length, 100);
  },
);

hosting('a worker that begins later does not give back what was lost', async (t, { api, pods, worker }) => {
  put(api, { uid: 'old', ips: [A], started: 1 });
  put(api, { uid: 'new', ips: [A], started: 2 });
  await eventually(() => worker.find(A)?.identity.uid === 'new', 'the newcomer');
  api.remove('new');
  await eventually(() => worker.find(A) === undefined, 'nobody');
  const later = new PodDirectory();
  later.take(pods.beginning.pods as PodNews);
  put(api, { uid: 'old', ips: [A], started: 1, labels: { changed: 'yes' } });
  await eventually(() => worker.known('old')?.labels.length === 2, 'the change');
  later.take({ isAll: false, changes: pods.beginning.pods?.changes ?? [], ageMs: 0 });
  for (const directory of [worker, later]) t.equal(directory.find(A), undefined);
  later.clear();
});

hosting('a configuration without pods forgets them', async (t, { api, pods }) => {
  put(api, { ips: [A] });
  await eventually(() => pods.beginning.pods?.changes.length === 1, 'a pod');
  pods.follow(await config());
  t.equal(pods.known.isSynced, false);
  t.same(pods.beginning, { pods: undefined, namespaces: undefined });
  await api.untilWatched(0);
});

const ASKING = 'web: { namespaceLabels: { team: web } }';

hosting('namespaces are watched where a configuration asks for them, and as long', async (t, stage) => {
  const { api, pods, labels, worker } = stage;
  t.equal(
    api.requests.some((target) => target.startsWith(NAMESPACES)),
    false,
  );
  api.put(v1Namespace('api', { team: 'api' }), NAMESPACES);
  put(api, { ips: [A] });
  const asking = await configAt(api, ASKING);
  await pods.foresee(asking);
  t.equal(worker.namespaces.find('api')?.labels.get('team'), 'api', 'known before it is in force');
  pods.follow(asking);
  await api.untilWatched(2);
  api.bookmark();
  api.put(v1Namespace('web', { team: 'web' }), NAMESPACES);
  await eventually(() => worker.namespaces.find('web') !== undefined, 'a namespace');
  await eventually(() => worker.find(A) !== undefined, 'a pod');
  t.equal(worker.find(A)?.identity.namespaceLabels?.labels?.get('team'), 'api');
  t.match(
    labels,
    [{ isAll: true }, { isAll: false, changes: [{ name: 'web' }] }],
    'what says nothing is not told',
  );
  t.match(pods.beginning.namespaces, { isAll: true, changes: [{ name: 'api' }, { name: 'web' }] });
  api.remove('namespace-web', NAMESPACES);
  await eventually(() => worker.namespaces.find('web') === undefined, 'none');
  await pods.foresee(await configAt(api));
  pods.follow(await configAt(api));
  t.equal(pods.beginning.namespaces, undefined);
  await api.untilWatched(1);
});

t.test('start() waits for namespaces, and a reload does not', async (t) => {
  await using api = await ApiServer.start();
  const output = openSharedOutput({ name: 't', level: 'error' });
  const pods = new HostPods(output, () => {});
  const asking = await configAt(api, ASKING);
  pods.start(asking);
  t.equal(pods.known.namespaces.isExpected, true);
  await eventually(() => !pods.known.namespaces.isExpected, 'namespaces');
  pods.follow(await configAt(api));
  pods.follow(asking);
  t.equal(pods.known.namespaces.isExpected, false);
  await pods.stop();
  await output.close();
});
