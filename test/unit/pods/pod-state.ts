import t from 'tap';
import { PodDirectory } from '#pods/pod-directory.ts';
import { clusterStateOf } from '#pods/pod-state.ts';
import { pod } from '../../fixtures/pods.ts';

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
