/** What the policy decides, who asks, what limits hold back, and what is written down. */
import { type Dashboard, of, perSecond, type Row } from '../dashboard.ts';

const DECISIONS: Row = {
  title: 'Decisions',
  panels: [
    {
      title: 'Rules that allow',
      description: 'The ten that do so most often.',
      unit: 'reqps',
      queries: [
        {
          expr: `topk(10, sum by (rule) (${perSecond('weir_decisions_total', 'verdict="allow", mode="enforce"')}))`,
          legend: '{{rule}}',
        },
      ],
    },
    {
      title: 'Refusals by rule and reason',
      description:
        'The ten most frequent; default is where no rule matched, and empty where it never came to the rules.',
      unit: 'reqps',
      needs: 'a refusal',
      queries: [
        {
          expr: `topk(10, sum by (rule, reason) (${perSecond('weir_refusals_total')}))`,
          legend: '{{rule}} {{reason}}',
        },
      ],
    },
    {
      title: 'What rules on trial would do',
      description: 'Rules with mode: report.',
      unit: 'reqps',
      needs: 'a rule with mode: report',
      queries: [
        {
          expr: `sum by (rule, verdict) (${perSecond('weir_decisions_total', 'mode="report"')})`,
          legend: '{{rule}} {{verdict}}',
        },
      ],
    },
    {
      title: 'Instances by policy',
      description: 'One line, where all decide by the same rules, whatever certificates each has.',
      unit: 'short',
      queries: [{ expr: `count by (rules) (${of('weir_policy_info')})`, legend: '{{rules}}' }],
    },
    {
      title: 'Configuration in force is the one that lies there',
      description: 'No: the file has a mistake, and the one before serves.',
      unit: 'bool_yes_no',
      queries: [{ expr: of('weir_last_reload_successful'), legend: '{{instance}}' }],
    },
    {
      title: 'Reloads',
      description: 'Attempts in five minutes, by result.',
      unit: 'short',
      queries: [
        { expr: `sum by (result) (increase(${of('weir_reloads_total')}[5m]))`, legend: '{{result}}' },
      ],
    },
    {
      title: 'Days until a rule ends',
      description: 'Rules with until.',
      unit: 'd',
      needs: 'a rule with until',
      queries: [
        {
          expr: `min by (rule) (${of('weir_rule_expires_timestamp_seconds')} - time()) / 86400`,
          legend: '{{rule}}',
        },
      ],
    },
    {
      title: 'Days until a certificate ends',
      description: 'What is shown, and the authorities that others are checked by.',
      unit: 'd',
      needs: 'TLS',
      queries: [
        {
          expr: `min by (use) (${of('weir_certificate_expires_timestamp_seconds')} - time()) / 86400`,
          legend: '{{use}}',
        },
      ],
    },
  ],
};

const WHO: Row = {
  title: 'Who asks',
  panels: [
    {
      title: 'Pods that are known',
      description: 'And how long ago the API server said something; 300 seconds are stale.',
      unit: 'short',
      needs: 'kubernetes.identity',
      queries: [
        { expr: of('weir_identity_pods'), legend: '{{instance}} pods' },
        { expr: of('weir_identity_index_age_seconds'), legend: '{{instance}} seconds' },
      ],
    },
    {
      title: 'Requests of nobody who is known',
      description: 'Clients that are no pod, where pods are watched.',
      unit: 'reqps',
      queries: [{ expr: `sum(${perSecond('weir_identity_unknown_total')})`, legend: 'unknown' }],
    },
    {
      title: 'What tier 1 says of its clients',
      description: 'accepted, or why not.',
      unit: 'reqps',
      queries: [
        { expr: `sum by (result) (${perSecond('weir_hop_assertions_total')})`, legend: '{{result}}' },
      ],
    },
    {
      title: 'Forged, and wrong credentials',
      description: 'Fields that only a hop may send, and passwords that are nobody’s.',
      unit: 'ops',
      queries: [
        { expr: `sum by (header) (${perSecond('weir_forged_hop_headers_total')})`, legend: '{{header}}' },
        { expr: `sum(${perSecond('weir_wrong_credentials_total')})`, legend: 'credentials' },
      ],
    },
  ],
};

const LIMITS: Row = {
  title: 'Limits',
  panels: [
    {
      title: 'Held back by a limit',
      description:
        'Transactions that a limit refused or cut. All the time: the limit is too narrow, or somebody has lost his measure.',
      unit: 'reqps',
      needs: 'limits, and somebody who met one',
      queries: [{ expr: `sum by (limit) (${perSecond('weir_limit_hits_total')})`, legend: '{{limit}}' }],
    },
    {
      title: 'Keys of limits',
      description:
        'Clients, or whatever a limit counts by, that have something to their account; 65,536 at most.',
      unit: 'short',
      needs: 'limits that are counted here',
      queries: [{ expr: `sum by (limit) (${of('weir_limit_keys')})`, legend: '{{limit}}' }],
    },
    {
      title: 'Counted in the store',
      description: 'No: each host counts its share by itself.',
      unit: 'bool_yes_no',
      needs: 'limits.store',
      queries: [{ expr: `min by (store) (${of('weir_limit_store_up')})`, legend: '{{store}}' }],
    },
  ],
};

const RECORDS: Row = {
  title: 'Records and audit',
  panels: [
    {
      title: 'Audit trail cannot be written',
      description: 'Yes: with strict, nothing passes.',
      unit: 'bool_yes_no',
      needs: 'log.audit',
      queries: [{ expr: of('weir_audit_failing'), legend: '{{instance}}' }],
    },
    {
      title: 'Lines lost',
      description: 'In five minutes, by log. It should be 0.',
      unit: 'short',
      queries: [{ expr: `sum by (log) (increase(${of('weir_log_dropped_total')}[5m]))`, legend: '{{log}}' }],
    },
  ],
};

export const POLICY_DASHBOARD: Dashboard = {
  uid: 'weir-policy',
  title: 'Weir: policy, limits and audit',
  description:
    'What rules decide, who asks, what limits hold back, what ends soon, and whether all of it is written down.',
  rows: [DECISIONS, WHO, LIMITS, RECORDS],
};
