import { Registry } from 'prom-client';
import t from 'tap';
import { UNSEEN } from '#peer/sight.ts';
import { registerState } from '#record/state-metrics.ts';

t.test('registerState() registers gauges that ask their sources only when scraped', async (t) => {
  const registry = new Registry();
  let asked = 0;
  registerState(registry, {
    connectionsOpen: () => {
      asked += 1;
      return 1;
    },
    connectionsMax: () => 9,
    tunnelsOpen: () => [['main', 2]],
    peers: () => [{ name: 'vm-b', isUp: false, openTunnels: 0, standby: 3, standbyWanted: 8, sight: UNSEEN }],
    ejectedPeers: () => [['vm-a', true]],
    degradedRoutes: () => [['out', true]],
    policy: () => ({ hash: 'abc', rules: 'def' }),
    expiringRules: () => [['pilot', 1_798_710_000]],
    expiringCertificates: () => [['listener main', 1_798_710_001]],
    limitStores: () => [['redis', true]],
    keptAnswers: () => [{ store: 'disk', bytes: 4096, objects: 1 }],
    cacheFaults: () => [['damaged', 2]],
    isCacheDiskUp: () => false,
    limitKeys: () => [{ limit: 'few', keys: 3, crowded: 2 }],
  });
  t.equal(asked, 0);
  const text = await registry.metrics();
  t.equal(asked, 1);
  for (const sample of [
    'weir_connections_open 1',
    'weir_connections_max 9',
    'weir_tunnels_open{listener="main"} 2',
    'weir_peer_up{peer="vm-b"} 0',
    'weir_peer_tunnels{peer="vm-b"} 0',
    'weir_peer_standby{peer="vm-b"} 3',
    'weir_peer_standby_wanted{peer="vm-b"} 8',
    'weir_peer_ejected{peer="vm-a"} 1',
    'weir_route_degraded{route="out"} 1',
    'weir_policy_info{hash="abc",rules="def"} 1',
    'weir_rule_expires_timestamp_seconds{rule="pilot"} 1798710000',
    'weir_certificate_expires_timestamp_seconds{use="listener main"} 1798710001',
    'weir_limit_keys{limit="few"} 3',
    'weir_cache_bytes{store="disk"} 4096',
    'weir_cache_objects{store="disk"} 1',
    'weir_cache_disk_faults_total{fault="damaged"} 2',
    'weir_cache_disk_up 0',
    'weir_limit_crowded_total{limit="few"} 2',
  ]) {
    t.match(text, `${sample}\n`);
  }
  t.match(await registry.metrics(), 'weir_limit_crowded_total{limit="few"} 2\n', 'not counted twice');
});
