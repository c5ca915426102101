import t from 'tap';
import { NamespaceDirectory } from '#pods/namespace-directory.ts';
import { NamespaceWatch } from '#pods/namespace-watch.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { v1Namespace } from '../../fixtures/pods.ts';
import { eventually } from '../../fixtures/within.ts';

const PATH = '/api/v1/namespaces';

t.test(
  'NamespaceWatch knows what there is, follows changes, and goes on after a break, 410 included',
  async (t) => {
    await using api = await ApiServer.start();
    const directory = new NamespaceDirectory();
    const restarts: string[] = [];
    const watch = new NamespaceWatch({
      onNews: (news) => directory.take(news),
      onRestart: ({ trouble }) => restarts.push(trouble),
    });
    const team = (name: string): string | undefined => directory.find(name)?.labels.get('team');
    for (let at = 0; at < 250; at += 1) api.put(v1Namespace(`n${at}`, { team: 'many' }), PATH);
    watch.follow({ server: api.url, tokenFile: undefined, caFile: undefined });
    await eventually(() => team('n249') === 'many', 'the last page');
    t.equal(directory.size, 250);
    await api.untilWatched();
    api.put(v1Namespace('api', { team: 'a' }), PATH);
    await eventually(() => team('api') === 'a', 'a new one');
    api.put(v1Namespace('api', { team: 'b' }), PATH);
    await eventually(() => team('api') === 'b', 'its change');
    api.drop();
    await api.untilWatched(0);
    api.put(v1Namespace('api', { team: 'c' }), PATH);
    api.remove('namespace-n0', PATH);
    await eventually(
      () => team('api') === 'c' && team('n0') === undefined,
      'what came while nobody listened',
    );
    t.equal(api.asked.lists, 2, 'two pages, and none more');
    await api.untilWatched();
    api.put({ metadata: { uid: 'x', name: 7 } }, PATH);
    api.fail(410);
    await eventually(() => api.asked.lists === 4, 'another list');
    await api.untilWatched();
    t.same(restarts, ['disconnected', 'expired']);
    t.equal(team('api'), 'c');
    await watch.stop();
    directory.clear();
  },
);
