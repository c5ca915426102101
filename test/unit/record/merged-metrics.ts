import t from 'tap';
import { UNSEEN } from '#peer/sight.ts';
import { addCounters, type Family, mergedMetrics, type Snapshot } from '#record/merged-metrics.ts';
import { Metrics } from '#record/metrics.ts';
import { fullRecord } from '../../fixtures/records.ts';

/** What a process has after so many equal requests, as another process gets it. */
async function snapshotAfter(requests: number): Promise<Snapshot> {
  const metrics = new Metrics();
  metrics.observeState({
    connectionsOpen: () => requests,
    connectionsMax: () => 10,
    tunnelsOpen: () => [['main', requests]],
    peers: () => [{ name: 'vm-a', isUp: requests > 1, openTunnels: requests, sight: UNSEEN }],
    ejectedPeers: () => [['vm-a', requests > 1]],
    degradedRoutes: () => [['out', requests > 1]],
    policy: () => ({ hash: 'abc', rules: 'def' }),
    expiringRules: () => [['pilot', 1_798_710_000]],
    expiringCertificates: () => [['listener main', 1_798_710_001]],
    limitStores: () => [['redis', true]],
    isCacheDiskUp: () => requests > 1,
    limitKeys: () => [{ limit: 'few', keys: 3, crowded: 2 }],
  });
  for (let i = 0; i < requests; i += 1) metrics.observe(fullRecord({ method: 'GET', durationMs: 2 }));
  return structuredClone(await metrics.snapshot());
}

function gauge(name: string, value: number): Family {
  return { name, help: 'x', type: 'gauge', aggregator: 'sum', values: [{ labels: {}, value }] };
}

t.test('mergedMetrics() sums what is counted', async (t) => {
  const text = await mergedMetrics([await snapshotAfter(1), await snapshotAfter(2)]);
  for (const sample of [
    /^weir_requests_total\{.*\} 3$/m,
    /^weir_request_duration_seconds_bucket\{le="0.001"\} 0$/m,
    /^weir_request_duration_seconds_bucket\{le="0.0025"\} 3$/m,
    /^weir_request_duration_seconds_count 3$/m,
    /^weir_connections_open 3$/m,
    /^weir_connections_max 20$/m,
    /^weir_tunnels_open\{listener="main"\} 3$/m,
    /^weir_peer_tunnels\{peer="vm-a"\} 3$/m,
    /^weir_reloads_total\{result="success"\} 0$/m,
    /^# TYPE weir_request_duration_seconds histogram$/m,
  ]) {
    t.match(text, sample);
  }
});

t.test('mergedMetrics() says of a gauge that does not count what the worst process says', async (t) => {
  const text = await mergedMetrics([await snapshotAfter(1), await snapshotAfter(2)]);
  t.match(text, /^weir_peer_up\{peer="vm-a"\} 0$/m);
  t.match(text, /^weir_peer_ejected\{peer="vm-a"\} 1$/m);
  t.match(text, /^weir_cache_disk_up 0$/m);
  t.match(text, /^weir_route_degraded\{route="out"\} 1$/m);
  t.match(text, /^weir_policy_info\{hash="abc",rules="def"\} 1$/m);
  t.match(text, /^weir_last_reload_successful 1$/m);
  const merged: Readonly<Record<string, number>> = {
    process_start_time_seconds: 1,
    process_open_fds: 2,
    process_max_fds: 1,
    nodejs_eventloop_lag_p99_seconds: 2,
    nodejs_eventloop_lag_min_seconds: 3,
    process_resident_memory_bytes: 3,
  };
  const of = (value: number): Snapshot => Object.keys(merged).map((name) => gauge(name, value));
  const lines = (await mergedMetrics([of(1), of(2)])).split('\n');
  for (const [name, value] of Object.entries(merged)) t.ok(lines.includes(`${name} ${value}`), name);
});

t.test('addCounters() keeps what was counted, and forgets what was open', async (t) => {
  let gone: Snapshot = [];
  for (const requests of [1, 2]) gone = addCounters(gone, await snapshotAfter(requests));
  t.notOk(gone.some(({ type }) => type === 'gauge'));
  t.same(structuredClone(gone), gone, 'plain values');
  const text = await mergedMetrics([await snapshotAfter(4), gone]);
  t.match(text, /^weir_requests_total\{.*\} 7$/m);
  t.match(text, /^weir_request_duration_seconds_bucket\{le="\+Inf"\} 7$/m);
  t.match(text, /^weir_connections_open 4$/m);
});

t.test('mergedMetrics() has all that one process has', async (t) => {
  const metrics = new Metrics();
  const names = (text: string): string[] =>
    [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  const merged = await mergedMetrics([await metrics.snapshot(), await metrics.snapshot()]);
  t.same(names(merged).sort(), names(await metrics.render()).sort());
});
