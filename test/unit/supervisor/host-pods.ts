import t, { type Test } from 'tap';
import { PodDirectory, type PodNews } from '#pods/pod-directory.ts';
import { openSharedOutput } from '#record/open.ts';
import { HostPods } from '#supervisor/host-pods.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { config } from '../../fixtures/config.ts';
import { type PodParts, v1Pod } from '../../fixtures/pods.ts';
import { eventually } from '../../fixtures/within.ts';

const A = '10.4.0.7';

interface Stage {
  readonly api: ApiServer;
  readonly pods: HostPods;
  /** What a worker is told. */
  readonly news: PodNews[];
  /** A worker that was there from the beginning. */
  readonly worker: PodDirectory;
}

function hosting(title: string, play: (t: Test, stage: Stage) => Promise<void>): void {
  t.test(title, async (t) => {
    await using api = await ApiServer.start();
    const output = openSharedOutput({ name: 't', level: 'error' });
    const news: PodNews[] = [];
    const worker = new PodDirectory();
    const pods = new HostPods(output, (one) => {
      news.push(structuredClone(one));
      worker.take(one);
    });
    pods.follow(await config(`kubernetes: { identity: true, apiServer: "${api.url}" }`));
    await api.untilWatched();
    await play(t, { api, pods, news, worker });
    await pods.stop();
    worker.clear();
    await output.close();
  });
}

function put(api: ApiServer, parts: PodParts): void {
  api.put(v1Pod(parts));
}

hosting(
  'workers are told everything, and then changes, many at a time',
  async (t, { api, pods, news, worker }) => {
    t.match(news[0], { isAll: true, changes: [] });
    t.equal(pods.isSynced, true);
    for (let at = 0; at < 100; at += 1) put(api, { uid: `u${at}`, ips: [`10.4.1.${at}`] });
    await eventually(() => worker.size === 100, '100 pods');
    t.ok(news.length < 50, `${news.length} messages`);
    t.match(worker.find('10.4.1.7'), { identity: { uid: 'u7' } });
    t.equal(pods.all?.changes.length, 100);
  },
);

hosting('a worker that begins later does not give back what was lost', async (t, { api, pods, worker }) => {
  put(api, { uid: 'old', ips: [A], started: 1 });
  put(api, { uid: 'new', ips: [A], started: 2 });
  await eventually(() => worker.find(A)?.identity.uid === 'new', 'the newcomer');
  api.remove('new');
  await eventually(() => worker.find(A) === undefined, 'nobody');
  const later = new PodDirectory();
  later.take(pods.all as PodNews);
  put(api, { uid: 'old', ips: [A], started: 1, labels: { changed: 'yes' } });
  await eventually(() => worker.known('old')?.labels.length === 2, 'the change');
  later.take({ isAll: false, changes: pods.all?.changes ?? [], ageMs: 0 });
  for (const directory of [worker, later]) t.equal(directory.find(A), undefined);
  later.clear();
});

hosting('a configuration without pods forgets them', async (t, { api, pods }) => {
  put(api, { ips: [A] });
  await eventually(() => pods.all?.changes.length === 1, 'a pod');
  pods.follow(await config());
  t.equal(pods.isSynced, false);
  t.equal(pods.all, undefined);
  await api.untilWatched(0);
});
