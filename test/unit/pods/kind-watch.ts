import t from 'tap';
import { KindWatch } from '#pods/kind-watch.ts';
import { nameOf } from '#pods/namespace.ts';
import type { News } from '#pods/news.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { v1Namespace } from '../../fixtures/pods.ts';
import { eventually } from '../../fixtures/within.ts';

const NAMES = { path: '/api/v1/namespaces', query: {}, read: nameOf, gone: nameOf };

t.test('follow() goes on with the same settings, and begins anew with others', async (t) => {
  await using api = await ApiServer.start();
  const heard: News<string>[] = [];
  const watch = new KindWatch(NAMES, { onNews: (news) => heard.push(news), onRestart: () => {} });
  const settings = { server: api.url, tokenFile: undefined, caFile: undefined };
  watch.follow(settings);
  await api.untilWatched();
  api.put(v1Namespace('x'), NAMES.path);
  await eventually(() => heard.some(({ changes }) => changes.length > 0), 'a change');
  watch.follow({ ...settings });
  watch.follow({ ...settings, server: api.url.replace('127.0.0.1', 'localhost') });
  await eventually(() => api.asked.watches === 2, 'the other watch');
  await api.untilWatched(1);
  t.equal(api.asked.lists, 2);
  watch.follow(undefined);
  await api.untilWatched(0);
  await watch.stop();
  t.same(
    heard.filter(({ isAll, changes }) => isAll || changes.length > 0).map(({ changes }) => changes),
    [[], ['x'], ['x']],
    'a list, a change, a list',
  );
  t.ok(
    heard.some(({ isAll, changes }) => !isAll && changes.length === 0),
    'and that it is there',
  );
  watch.follow(settings);
  await api.untilWatched();
  await watch.stop();
  await api.untilWatched(0);
});
