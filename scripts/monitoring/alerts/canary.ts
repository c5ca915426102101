/** Alerts of the canary, which tries to go around the proxy. They ask kube-state-metrics, and live beside the canary (k8s/canary/). */
import type { Alert } from '../alert.ts';
import { series } from '../series.ts';

const NAMESPACE = { namespace: 'api' };
const SECURITY = { team: 'security' };
const JOB = { ...NAMESPACE, job_name: 'bypass-canary-29000000' };
const failed = series('kube_job_status_failed', { ...JOB, reason: 'BackoffLimitExceeded' });
const created = series('kube_job_created', JOB);
const succeeded = series('kube_cronjob_status_last_successful_time', {
  ...NAMESPACE,
  cronjob: 'bypass-canary',
});

export const CANARY: readonly Alert[] = [
  {
    // A way around the proxy (exit code 1), or nothing proven (2): the pod's log says which.
    name: 'WeirBypassCanaryFailed',
    severity: 'critical',
    expr: `max by (namespace) (kube_job_status_failed{job_name=~"bypass-canary-.+"}
* on (namespace, job_name) group_left () (time() - kube_job_created < bool 900)) > 0`,
    labels: SECURITY,
    summary: 'Pods of {{ $labels.namespace }} may have a way around the proxy, or none through it',
    description:
      'Read the log of the last pod of CronJob bypass-canary. "open" names what was reached directly.',
    scenes: [
      {
        title: 'one that fails, and is old after a quarter of an hour',
        series: { [failed]: '_x4 0 1x30', [created]: '_x4 240x31' },
        sees: { '4m': 'quiet', '8m': { ...NAMESPACE, ...SECURITY }, '25m': 'quiet' },
      },
      {
        title: 'one that does not',
        series: { [failed]: '0x30', [created]: '0x30' },
        sees: { '10m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirBypassCanarySilent',
    severity: 'warning',
    expr: `time() - max by (namespace) (kube_cronjob_status_last_successful_time{cronjob="bypass-canary"}) > 1800`,
    labels: SECURITY,
    summary:
      'Nobody has shown for half an hour that pods of {{ $labels.namespace }} have no way around the proxy',
    description: 'The CronJob bypass-canary does not run, or does not succeed.',
    scenes: [
      {
        title: 'none succeeds for an hour',
        series: { [succeeded]: '0x60 3600x20' },
        sees: { '20m': 'quiet', '40m': { ...NAMESPACE, ...SECURITY }, '65m': 'quiet' },
      },
      { title: 'every five minutes', series: { [succeeded]: '0+60x90' }, sees: { '80m': 'quiet' } },
    ],
  },
];
