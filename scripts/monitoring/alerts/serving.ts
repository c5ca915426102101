/** Alerts of whether a tier is there at all. */
import type { Alert } from '../alert.ts';
import { ofTier1, ofTier2, series, TIER_1, TIER_2 } from '../series.ts';

const DEPLOYMENT = { namespace: 'intra-proxy', deployment: 'weir' };
const AVAILABLE = series('kube_deployment_status_replicas_available', DEPLOYMENT);
const WANTED = series('kube_deployment_spec_replicas', DEPLOYMENT);

export const SERVING: readonly Alert[] = [
  {
    name: 'WeirTierDown',
    severity: 'critical',
    expr: `max by (tier) (up{job="weir"}) == 0
or max by (tier) (absent(up{job="weir", tier="tier-1"}))
or max by (tier) (absent(up{job="weir", tier="tier-2"}))`,
    for: '1m',
    summary: 'No Weir of {{ $labels.tier }} can be scraped',
    description:
      'Not one instance of {{ $labels.tier }} answers on its admin address, or none is known to Prometheus. Nothing leaves the company through it.',
    scenes: [
      {
        title: 'all instances of a tier end, and one comes back',
        series: {
          [ofTier1('up')]: '1x20',
          [ofTier2('up')]: '1 1 0x7 1x10',
          [ofTier2('up', {}, 'vm-b')]: '1 0x18',
        },
        sees: { '2m': 'quiet', '4m': TIER_2, '12m': 'quiet' },
      },
      {
        title: 'a tier that nobody scrapes is down as well',
        series: { [ofTier2('up')]: '1x10' },
        sees: { '3m': TIER_1 },
      },
      {
        title: 'one instance is enough',
        series: { [ofTier1('up')]: '1x20', [ofTier2('up')]: '0x20', [ofTier2('up', {}, 'vm-b')]: '1x20' },
        sees: { '10m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirDown',
    severity: 'warning',
    expr: 'up{job="weir"} == 0',
    for: '3m',
    summary: 'Weir on {{ $labels.instance }} ({{ $labels.tier }}) cannot be scraped',
    description: 'It does not run, or its admin address cannot be reached. The others of the tier serve on.',
    scenes: [
      {
        title: 'one of two ends, and comes back',
        series: { [ofTier2('up')]: '1 1 0x7 1x10', [ofTier2('up', {}, 'vm-b')]: '1x20' },
        sees: { '3m': 'quiet', '7m': { job: 'weir', ...TIER_2, instance: 'vm-a' }, '12m': 'quiet' },
      },
      { title: 'a restart takes less', series: { [ofTier2('up')]: '1 0x2 1x10' }, sees: { '4m': 'quiet' } },
    ],
  },
  {
    name: 'WeirReplicasMissing',
    severity: 'warning',
    expr: `sum by (namespace, deployment) (kube_deployment_status_replicas_available{namespace="intra-proxy", deployment="weir"})
  < sum by (namespace, deployment) (kube_deployment_spec_replicas{namespace="intra-proxy", deployment="weir"})`,
    for: '15m',
    labels: TIER_1,
    summary: 'Deployment {{ $labels.deployment }} has {{ $value }} ready pods, which is too few',
    description:
      'Pods that are wanted do not get ready: no room on the nodes, an image that cannot be pulled, a Secret that is missing, or a configuration that cannot be loaded.',
    scenes: [
      {
        title: 'one of three does not get ready',
        series: { [AVAILABLE]: '3x4 2x20 3x10', [WANTED]: '3x40' },
        sees: { '10m': 'quiet', '22m': { ...DEPLOYMENT, ...TIER_1 }, '28m': 'quiet' },
      },
      {
        title: 'as many as wanted',
        series: { [AVAILABLE]: '2x40', [WANTED]: '2x40' },
        sees: { '30m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirRestarting',
    severity: 'warning',
    expr: 'changes(process_start_time_seconds{job="weir"}[30m]) >= 3',
    summary:
      'Weir on {{ $labels.instance }} ({{ $labels.tier }}) has begun {{ $value }} times in half an hour',
    description:
      'The process ends and is started again. Its log, and that of the container or the unit before, says why; exit code 137 is the memory limit.',
    scenes: [
      {
        title: 'three starts, and none since',
        series: { [ofTier1('process_start_time_seconds')]: '1 1 60 120 180x60' },
        sees: { '3m': 'quiet', '6m': { job: 'weir', ...TIER_1, instance: 'pod-a' }, '50m': 'quiet' },
      },
      {
        title: 'a roll-out is one',
        series: { [ofTier1('process_start_time_seconds')]: '1x5 300x30' },
        sees: { '10m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirWorkerCrashed',
    severity: 'warning',
    expr: 'sum by (tier, instance) (increase(weir_worker_crashes_total[15m])) > 0',
    summary: 'A worker of Weir on {{ $labels.instance }} ({{ $labels.tier }}) has crashed',
    description:
      'A worker ended though it should serve, and was replaced. Its tunnels are lost. What it said last is in the log.',
    scenes: [
      {
        title: 'one crash is enough, and is over after a while',
        series: { [ofTier2('weir_worker_crashes_total')]: '0x5 1x40' },
        sees: { '5m': 'quiet', '8m': { ...TIER_2, instance: 'vm-a' }, '30m': 'quiet' },
      },
      { title: 'none', series: { [ofTier2('weir_worker_crashes_total')]: '3x40' }, sees: { '30m': 'quiet' } },
    ],
  },
  {
    name: 'WeirWatchdog',
    severity: 'none',
    expr: 'vector(1)',
    summary: 'Alerting works',
    description:
      'It always fires. Whoever waits for it alerts when it is not there: then nothing else here would be heard either.',
    scenes: [{ title: 'it fires always', series: { [ofTier1('up')]: '1x5' }, sees: { '0m': {}, '5m': {} } }],
  },
];
