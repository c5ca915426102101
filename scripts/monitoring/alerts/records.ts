/** Alerts of what is written down, and what is not. */
import type { Alert } from '../alert.ts';
import { ofTier1, ofTier2, TIER_2 } from '../series.ts';

const VM_A = { ...TIER_2, instance: 'vm-a' };
const lost = (log: string): string => ofTier2('weir_log_dropped_total', { log });
const FAILING = ofTier2('weir_audit_failing');

export const RECORDS: readonly Alert[] = [
  {
    name: 'WeirLogLinesLost',
    severity: 'warning',
    expr: 'sum by (tier, instance, log) (increase(weir_log_dropped_total{log=~"access|operational"}[10m])) > 0',
    summary:
      'Weir on {{ $labels.instance }} ({{ $labels.tier }}) has lost lines of the {{ $labels.log }} log',
    description:
      'They could not be written for so long that there was no more room to keep them: a full disk, or a reader that does not read.',
    scenes: [
      {
        title: 'some, and none any more',
        series: { [lost('access')]: '0x5 40x30' },
        sees: { '5m': 'quiet', '8m': { ...VM_A, log: 'access' }, '25m': 'quiet' },
      },
      {
        title: 'records of the trail are another alert',
        series: { [lost('audit')]: '0x5 40x30' },
        sees: { '8m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirAuditFailing',
    severity: 'critical',
    expr: 'max by (tier, instance) (weir_audit_failing) == 1',
    for: '1m',
    labels: { team: 'security' },
    summary: 'Weir on {{ $labels.instance }} ({{ $labels.tier }}) cannot write its audit trail',
    description:
      'With log.audit.strict it lets nothing pass now. Without, records wait in memory, and are lost when there is no more room.',
    scenes: [
      {
        title: 'the disk is full, until there is room',
        series: { [FAILING]: '0x4 1x8 0x10' },
        sees: { '5m': 'quiet', '8m': { ...VM_A, team: 'security' }, '15m': 'quiet' },
      },
      { title: 'a moment', series: { [FAILING]: '0x4 1 0x10' }, sees: { '6m': 'quiet' } },
      { title: 'without a trail', series: { [ofTier1('up')]: '1x10' }, sees: { '6m': 'quiet' } },
    ],
  },
  {
    name: 'WeirAuditRecordsLost',
    severity: 'critical',
    expr: 'sum by (tier, instance) (increase(weir_log_dropped_total{log="audit"}[1h])) > 0',
    labels: { team: 'security' },
    summary: 'Weir on {{ $labels.instance }} ({{ $labels.tier }}) has lost records of its audit trail',
    description: 'How many, and why, a record "gap" of the trail says.',
    scenes: [
      {
        title: 'some, and none for an hour',
        series: { [lost('audit')]: '0x5 9x100' },
        sees: { '5m': 'quiet', '8m': { ...VM_A, team: 'security' }, '90m': 'quiet' },
      },
      {
        title: 'lines of the access log',
        series: { [lost('access')]: '0x5 9x100' },
        sees: { '8m': 'quiet' },
      },
    ],
  },
];
