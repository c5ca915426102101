import { Registry } from 'prom-client';
import t from 'tap';
import { PodMetrics, type PodState } from '#record/pod-metrics.ts';

t.test('they count, and tell what is known now, where anything is to be', async (t) => {
  const registry = new Registry();
  const metrics = new PodMetrics(registry);
  const none: PodState = { pods: undefined, namespaces: undefined, sharers: undefined };
  let state = none;
  metrics.observe(() => state);
  metrics.expect(['ended'], undefined);
  metrics.expect(['ended', 'expired'], { watchesNamespaces: false });
  metrics.restarts.onRestart('ended');
  metrics.unknown();
  const values = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('weir_'));
  const counted = [
    'weir_identity_unknown_total 1',
    'weir_identity_watch_restarts_total{reason="ended"} 1',
    'weir_identity_watch_restarts_total{reason="expired"} 0',
  ];
  t.same(await values(), counted);
  state = { ...none, pods: { count: 3, ageSeconds: 1.5 } };
  const known = [...counted, 'weir_identity_pods 3', 'weir_identity_index_age_seconds 1.5'];
  t.same(await values(), known);
  state = { ...state, sharers: 2 };
  t.same(await values(), [...known, 'weir_limit_sharers 2']);
  state = none;
  t.same(await values(), counted);
  metrics.expect(['refused'], { watchesNamespaces: true });
  metrics.restarts.onNamespacesRestart('refused');
  state = { ...none, namespaces: { count: 2, ageSeconds: 0.5 } };
  t.same((await values()).slice(3), [
    'weir_identity_watch_restarts_total{reason="refused"} 0',
    'weir_identity_namespaces_restarts_total{reason="refused"} 1',
    'weir_identity_namespaces 2',
    'weir_identity_namespaces_age_seconds 0.5',
  ]);
});
