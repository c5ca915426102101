import t from 'tap';
import { UNSEEN } from '#peer/sight.ts';
import type { RecordEntry } from '#record/entry.ts';
import { Metrics } from '#record/metrics.ts';
import { fullRecord, sparseRecord } from '../../fixtures/records.ts';

/** Samples of `weir_` metrics that are not 0, without buckets and what is 1 from the start, by name and labels. */
async function samples(metrics: Metrics): Promise<Record<string, number>> {
  const lines = (await metrics.render()).split('\n').filter((line) => /^weir_(?!last_reload)/.test(line));
  const all = lines.map((line): [string, number] => [
    line.slice(0, line.lastIndexOf(' ')),
    Number(line.slice(line.lastIndexOf(' ') + 1)),
  ]);
  return Object.fromEntries(all.filter(([name, value]) => value !== 0 && !name.includes('_bucket')));
}

async function after(...entries: readonly RecordEntry[]): Promise<Record<string, number>> {
  const metrics = new Metrics();
  for (const entry of entries) metrics.observe(entry);
  return samples(metrics);
}

t.test('observe() derives everything about a direct tunnel from its records', async (t) => {
  const none = undefined;
  const tunnel: Partial<RecordEntry> = { peer: none, reason: none, error: none, answers: none, cache: none };
  const found = await after(
    fullRecord({
      ...tunnel,
      event: 'open',
      outcome: undefined,
      durationMs: 8,
      bytesFromClient: 0,
      bytesToClient: 0,
    }),
    fullRecord({
      ...tunnel,
      event: 'update',
      outcome: undefined,
      bytesFromClient: 100,
      bytesToClient: 1_000,
    }),
    fullRecord({ ...tunnel, dnsMs: 2, connectMs: 4, durationMs: 61_000 }),
  );
  t.same(found, {
    'weir_requests_total{listener="microsoft",method="CONNECT",outcome="completed",reason="none"}': 1,
    'weir_decisions_total{rule="pilot",verdict="deny",mode="report"}': 1,
    'weir_decisions_total{rule="pilot-2",verdict="allow",mode="report"}': 1,
    'weir_decisions_total{rule="microsoft-login",verdict="allow",mode="enforce"}': 1,
    'weir_bytes_total{direction="from_client"}': 1_834,
    'weir_bytes_total{direction="to_client"}': 52_311,
    'weir_establish_seconds_sum{phase="dns"}': 0.002,
    'weir_establish_seconds_count{phase="dns"}': 1,
    'weir_establish_seconds_sum{phase="connect"}': 0.004,
    'weir_establish_seconds_count{phase="connect"}': 1,
    'weir_establish_seconds_sum{phase="total"}': 0.008,
    'weir_establish_seconds_count{phase="total"}': 1,
    weir_tunnel_duration_seconds_sum: 61,
    weir_tunnel_duration_seconds_count: 1,
  });
});

t.test('observe() lets bytes of an open tunnel show before its end', async (t) => {
  const found = await after(sparseRecord({ event: 'update', bytesFromClient: 100, bytesToClient: 1_000 }));
  t.same(found, {
    'weir_bytes_total{direction="from_client"}': 100,
    'weir_bytes_total{direction="to_client"}': 1_000,
  });
});

t.test('observe() counts a plain HTTP request through a peer', async (t) => {
  const request: Partial<RecordEntry> = {
    method: 'GET',
    reason: undefined,
    dnsMs: undefined,
    connectMs: 5,
    answers: undefined,
  };
  const found = await after(
    fullRecord({ ...request, durationMs: 250, bytesFromClient: 0, bytesToClient: 0 }),
  );
  t.same(found, {
    'weir_cache_requests_total{result="hit"}': 1,
    'weir_requests_total{listener="microsoft",method="GET",outcome="completed",reason="none"}': 1,
    'weir_decisions_total{rule="pilot",verdict="deny",mode="report"}': 1,
    'weir_decisions_total{rule="pilot-2",verdict="allow",mode="report"}': 1,
    'weir_decisions_total{rule="microsoft-login",verdict="allow",mode="enforce"}': 1,
    'weir_establish_seconds_sum{phase="peer"}': 0.005,
    'weir_establish_seconds_count{phase="peer"}': 1,
    weir_request_duration_seconds_sum: 0.25,
    weir_request_duration_seconds_count: 1,
  });
});

const VERDICTS: Readonly<Record<string, readonly [Partial<RecordEntry>, decision: string | undefined]>> = {
  'a rule that denied': [{ reason: 'rule_denied', rule: 'unsafe-port' }, 'rule="unsafe-port",verdict="deny"'],
  'no rule that matched': [{ reason: 'no_rule_matched' }, 'rule="default",verdict="deny"'],
  'the guard': [{ reason: 'address_prohibited', rule: 'microsoft' }, 'rule="microsoft",verdict="deny"'],
  "a peer's refusal": [{ reason: 'peer_refused', rule: 'microsoft' }, 'rule="microsoft",verdict="allow"'],
  'a fault after the permit': [
    { reason: 'dns_error', rule: 'microsoft' },
    'rule="microsoft",verdict="allow"',
  ],
  'a request that never got to the rules': [{ reason: 'request_malformed' }, undefined],
};

for (const [title, [fields, decision]] of Object.entries(VERDICTS)) {
  t.test(`observe() counts the decision of ${title}`, async (t) => {
    const found = Object.keys(await after(sparseRecord({ outcome: 'denied', ...fields })));
    const decisions = found.filter((name) => name.startsWith('weir_decisions_total'));
    t.same(decisions, decision === undefined ? [] : [`weir_decisions_total{${decision},mode="enforce"}`]);
  });
}

const METHODS: Readonly<Record<string, string | undefined>> = {
  PATCH: 'PATCH',
  other: 'PROPFIND',
  ' ': undefined,
};

for (const [label, method] of Object.entries(METHODS)) {
  // Attacks: bounded.
  t.test(`observe() counts method ${method} under a label of our own`, async (t) => {
    const found = Object.keys(await after(sparseRecord({ method, outcome: undefined })));
    const name = `method="${label.trim() || 'other'}",outcome="completed"`;
    t.ok(found.some((sample) => sample.includes(name)));
  });
}

const DURATIONS: Readonly<Record<string, readonly [Partial<RecordEntry>, counted: string[]]>> = {
  'an established tunnel': [{ method: 'CONNECT', status: 200 }, ['weir_tunnel_duration_seconds_count']],
  'a switched protocol': [{ method: 'GET', status: 101 }, ['weir_tunnel_duration_seconds_count']],
  'a CONNECT that was refused': [{ method: 'CONNECT', status: 403 }, []],
  'a CONNECT without an answer': [{ method: 'CONNECT', status: 0 }, []],
  'a request that failed': [{ method: 'GET', status: 502 }, ['weir_request_duration_seconds_count']],
  'a head that could not be read': [{ status: 400 }, []],
};

for (const [title, [fields, counted]] of Object.entries(DURATIONS)) {
  t.test(`observe() measures the duration of ${title}`, async (t) => {
    const found = Object.keys(await after(sparseRecord({ outcome: 'completed', ...fields })));
    t.same(
      found.filter((name) => name.endsWith('duration_seconds_count')),
      counted,
    );
  });
}

t.test(
  'peerFailed(), peerEjected(), retryRefused(), dnsQuery(), fieldForged(), limitHit(), credentialsWrong(), reloaded() and logDropped() count what no record says',
  async (t) => {
    const metrics = new Metrics();
    metrics.peerFailed('vm-a', 'peer_timeout');
    metrics.peerEjected('vm-a');
    metrics.retryRefused('out');
    metrics.dnsQuery('nxdomain');
    metrics.fieldForged('weir-identity');
    metrics.limitHit('few');
    metrics.credentialsWrong();
    metrics.reloaded('failure');
    metrics.logDropped('access', 7);
    t.same(await samples(metrics), {
      'weir_peer_failures_total{peer="vm-a",error="peer_timeout"}': 1,
      'weir_peer_ejections_total{peer="vm-a"}': 1,
      'weir_retries_refused_total{route="out"}': 1,
      'weir_dns_queries_total{result="nxdomain"}': 1,
      'weir_limit_hits_total{limit="few"}': 1,
      weir_wrong_credentials_total: 1,
      'weir_forged_hop_headers_total{header="weir-identity"}': 1,
      'weir_reloads_total{result="failure"}': 1,
      'weir_log_dropped_total{log="access"}': 7,
    });
  },
);

t.test('observe() counts names that lead to what the guard refuses and to what it does not', async (t) => {
  const answers = {
    all: ['192.0.2.1', '10.0.0.1'],
    refused: ['10.0.0.1 (private use, RFC 1918)'],
    isMixed: true,
  };
  t.match(await after(sparseRecord({ outcome: 'completed', answers })), { weir_dns_mixed_total: 1 });
  const refused = await after(sparseRecord({ outcome: 'denied', answers: { ...answers, isMixed: false } }));
  t.notOk('weir_dns_mixed_total' in refused);
});

t.test('render() shows counters of rare things from the start', async (t) => {
  const text = await new Metrics().render();
  for (const sample of [
    'weir_forged_hop_headers_total{header="weir-transaction"} 0',
    'weir_reloads_total{result="failure"} 0',
    'weir_log_dropped_total{log="access"} 0',
  ]) {
    t.match(text, `${sample}\n`);
  }
});

t.test('observeState() reads what is open and reachable at each scrape', async (t) => {
  const metrics = new Metrics();
  let tunnels = new Map([['main', 3]]);
  let peers = [
    { name: 'vm-a', isUp: true, openTunnels: 2, sight: UNSEEN },
    { name: 'vm-b', isUp: false, openTunnels: 1, sight: UNSEEN },
  ];
  let hash = 'aaa';
  metrics.observeState({
    connectionsOpen: () => 5,
    connectionsMax: () => 9,
    tunnelsOpen: () => tunnels,
    peers: () => peers,
    ejectedPeers: () => [],
    degradedRoutes: () => [],
    policy: () => ({ hash, rules: 'rrr' }),
    expiringRules: () => [['pilot', 1_798_710_000]],
    expiringCertificates: () => [['listener main', 1_798_710_001]],
    limitKeys: () => [],
  });
  t.same(await samples(metrics), {
    weir_connections_open: 5,
    weir_connections_max: 9,
    'weir_tunnels_open{listener="main"}': 3,
    'weir_peer_up{peer="vm-a"}': 1,
    'weir_peer_tunnels{peer="vm-a"}': 2,
    'weir_peer_tunnels{peer="vm-b"}': 1,
    'weir_policy_info{hash="aaa",rules="rrr"}': 1,
    'weir_rule_expires_timestamp_seconds{rule="pilot"}': 1_798_710_000,
    'weir_certificate_expires_timestamp_seconds{use="listener main"}': 1_798_710_001,
  });
  tunnels = new Map();
  peers = [];
  hash = 'bbb';
  t.same(await samples(metrics), {
    weir_connections_open: 5,
    weir_connections_max: 9,
    'weir_policy_info{hash="bbb",rules="rrr"}': 1,
    'weir_rule_expires_timestamp_seconds{rule="pilot"}': 1_798_710_000,
    'weir_certificate_expires_timestamp_seconds{use="listener main"}': 1_798_710_001,
  });
});

t.test('readAfter() has counted what waits, before each reading', async (t) => {
  const metrics = new Metrics();
  metrics.readAfter(() => metrics.reloaded('success'));
  t.equal((await samples(metrics))['weir_reloads_total{result="success"}'], 1);
  const reloads = (await metrics.snapshot()).find(({ name }) => name === 'weir_reloads_total');
  t.match(reloads?.values, [{ labels: { result: 'success' }, value: 2 }]);
});

t.test('contentType is what Prometheus expects of its text format', async (t) => {
  t.equal(new Metrics().contentType, 'text/plain; version=0.0.4; charset=utf-8');
});
