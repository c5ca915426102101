/** Alerts of what runs out: connections, files, time of the event loop, limits, pods. */
import type { Alert } from '../alert.ts';
import { ofTier1, ofTier2, series, TIER_1, TIER_2 } from '../series.ts';

const AUTOSCALER = { namespace: 'intra-proxy', horizontalpodautoscaler: 'weir' };
const POD_A = { ...TIER_1, instance: 'pod-a' };
const VM_A = { ...TIER_2, instance: 'vm-a' };
const HITS = ofTier1('weir_limit_hits_total', { limit: 'few' });
const STORE = ofTier1('weir_limit_store_up', { store: 'redis' });
const CACHE_DISK = ofTier2('weir_cache_disk_up');
const now = series('kube_horizontalpodautoscaler_status_desired_replicas', AUTOSCALER);
const most = series('kube_horizontalpodautoscaler_spec_max_replicas', AUTOSCALER);

export const ROOM: readonly Alert[] = [
  {
    name: 'WeirConnectionsHigh',
    severity: 'warning',
    expr: 'max by (tier, instance) (weir_connections_open / weir_connections_max) > 0.8',
    for: '5m',
    summary:
      'Weir on {{ $labels.instance }} ({{ $labels.tier }}) has {{ $value | humanizePercentage }} of the connections that it can have',
    description:
      'When there is no more room, those that are silent for longest are closed, and then newcomers are turned away.',
    scenes: [
      {
        title: 'nine tenths, for a while',
        series: {
          [ofTier2('weir_connections_open')]: '100x4 900x9 100x9',
          [ofTier2('weir_connections_max')]: '1000x30',
        },
        sees: { '8m': 'quiet', '12m': VM_A, '18m': 'quiet' },
      },
      {
        title: 'three quarters',
        series: {
          [ofTier2('weir_connections_open')]: '750x30',
          [ofTier2('weir_connections_max')]: '1000x30',
        },
        sees: { '20m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirConnectionsTurnedAway',
    severity: 'critical',
    expr: 'sum by (tier, instance) (increase(weir_connections_refused_total[5m])) > 0',
    summary: 'Weir on {{ $labels.instance }} ({{ $labels.tier }}) turns clients away',
    description:
      'There is no place for their connections: as many are open as the limit of open files allows, or as the listener may have.',
    scenes: [
      {
        title: 'some in a minute, and none any more',
        series: { [ofTier1('weir_connections_refused_total')]: '0x5 7x20' },
        sees: { '5m': 'quiet', '8m': POD_A, '15m': 'quiet' },
      },
      {
        title: 'none',
        series: { [ofTier1('weir_connections_refused_total')]: '7x20' },
        sees: { '15m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirFilesHigh',
    severity: 'warning',
    expr: 'process_open_fds{job="weir"} / process_max_fds{job="weir"} > 0.8',
    for: '5m',
    summary:
      'Weir on {{ $labels.instance }} ({{ $labels.tier }}) has {{ $value | humanizePercentage }} of its files open',
    description: 'Two files for each tunnel. Without any, nothing can be accepted or dialled.',
    scenes: [
      {
        title: 'nine tenths, for a while',
        series: { [ofTier1('process_open_fds')]: '10x4 90x9 10x9', [ofTier1('process_max_fds')]: '100x30' },
        sees: { '8m': 'quiet', '12m': { job: 'weir', ...POD_A }, '18m': 'quiet' },
      },
      {
        title: 'just enough',
        series: { [ofTier1('process_open_fds')]: '80x30', [ofTier1('process_max_fds')]: '100x30' },
        sees: { '20m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirEventLoopLag',
    severity: 'warning',
    expr: 'nodejs_eventloop_lag_p99_seconds{job="weir"} > 0.2',
    for: '5m',
    summary:
      'Weir on {{ $labels.instance }} ({{ $labels.tier }}) answers {{ $value | humanizeDuration }} late',
    description:
      'The process has more to do than one core can, or the machine has none for it. All that it relays is held up.',
    scenes: [
      {
        title: 'half a second, for a while',
        series: { [ofTier2('nodejs_eventloop_lag_p99_seconds')]: '0.01x4 0.5x9 0.01x9' },
        sees: { '8m': 'quiet', '12m': { job: 'weir', ...VM_A }, '18m': 'quiet' },
      },
      {
        title: 'once, as at a collection of garbage',
        series: { [ofTier2('nodejs_eventloop_lag_p99_seconds')]: '0.01x4 0.5 0.01x9' },
        sees: { '6m': 'quiet', '12m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirLimitHitConstantly',
    severity: 'warning',
    expr: 'sum by (tier, limit) (rate(weir_limit_hits_total[5m])) > 0',
    for: '30m',
    summary: 'Limit {{ $labels.limit }} of {{ $labels.tier }} has held somebody back for half an hour',
    description:
      'Who it is, the records with outcome "limited" say. Either the limit is too narrow, or somebody has lost his measure.',
    scenes: [
      {
        title: 'all the time, and no more',
        series: { [HITS]: '0+5x60 300x20' },
        sees: { '20m': 'quiet', '45m': { ...TIER_1, limit: 'few' }, '75m': 'quiet' },
      },
      {
        title: 'now and then is what limits are for',
        series: { [HITS]: '0x10 5x20 9x20 12x30' },
        sees: { '30m': 'quiet', '60m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirLimitStoreDown',
    severity: 'warning',
    expr: 'min by (tier, store) (weir_limit_store_up) == 0',
    for: '5m',
    summary: '{{ $labels.tier }} counts limits without {{ $labels.store }}',
    description:
      'Each host counts its share by itself, as it does without a store. Nothing is refused for it; limits are less exact.',
    scenes: [
      {
        title: 'Redis goes, and comes back',
        series: { [STORE]: '1x4 0x12 1x9' },
        sees: { '8m': 'quiet', '12m': { ...TIER_1, store: 'redis' }, '20m': 'quiet' },
      },
      {
        title: 'a moment is none',
        series: { [STORE]: '1x4 0x2 1x20' },
        sees: { '6m': 'quiet', '20m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirCacheDiskDown',
    severity: 'warning',
    expr: 'min by (tier, instance) (weir_cache_disk_up) == 0',
    for: '10m',
    summary: 'The cache on disk of {{ $labels.instance }} ({{ $labels.tier }}) does not do all of its work',
    description:
      'Nothing can be written there, nothing comes from there, or it is not used any more, since something could not be removed. Requests are served, from what there is or by the next hop.',
    scenes: [
      {
        title: 'a disk that is full, and has room again',
        series: { [CACHE_DISK]: '1x4 0x16 1x9' },
        sees: { '12m': 'quiet', '18m': VM_A, '25m': 'quiet' },
      },
      {
        title: 'a moment is none',
        series: { [CACHE_DISK]: '1x4 0x5 1x20' },
        sees: { '8m': 'quiet', '20m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirAtMostReplicas',
    severity: 'info',
    expr: `sum by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_desired_replicas{namespace="intra-proxy", horizontalpodautoscaler="weir"})
  >= sum by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_spec_max_replicas{namespace="intra-proxy", horizontalpodautoscaler="weir"})`,
    for: '30m',
    labels: TIER_1,
    summary: 'Tier 1 has as many pods as it may have ({{ $value }})',
    description: 'The autoscaler would have no more to give if traffic grew.',
    scenes: [
      {
        title: 'ten of ten, and fewer again',
        series: { [now]: '4x4 10x40 4x10', [most]: '10x60' },
        sees: { '30m': 'quiet', '40m': { ...AUTOSCALER, ...TIER_1 }, '50m': 'quiet' },
      },
      { title: 'nine of ten', series: { [now]: '9x60', [most]: '10x60' }, sees: { '50m': 'quiet' } },
    ],
  },
];
