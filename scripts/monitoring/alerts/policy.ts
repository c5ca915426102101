/** Alerts of what is in force, and of what ends. */
import type { Alert } from '../alert.ts';
import { ofTier1, ofTier2, TIER_1, TIER_2 } from '../series.ts';

const DAY = 86_400;
const RELOADED = ofTier2('weir_last_reload_successful');
/** Each instance has a hash of its own, as with a certificate of its own. */
const policy = (rules: string, instance: string): string =>
  ofTier1('weir_policy_info', { hash: `${rules}-${instance}`, rules }, instance);
const rule = ofTier1('weir_rule_expires_timestamp_seconds', { rule: 'pilot' });
const RULE = { ...TIER_1, rule: 'pilot' };
const certificate = ofTier2('weir_certificate_expires_timestamp_seconds', { use: 'listener main' });
const USE = { ...TIER_2, use: 'listener main' };
/** A value that stands for as long as a scene takes. */
const always = (seconds: number): string => `${seconds}x400`;

export const POLICY: readonly Alert[] = [
  {
    name: 'WeirReloadFailed',
    severity: 'critical',
    expr: 'min by (tier, instance) (weir_last_reload_successful) == 0',
    for: '1m',
    summary:
      'Weir on {{ $labels.instance }} ({{ $labels.tier }}) does not take the configuration that lies there',
    description:
      'It has a mistake, and the one before stays in force. With the next start there would be none: mend the file before anything restarts.',
    scenes: [
      {
        title: 'a file with a mistake, until it is mended',
        series: { [RELOADED]: '1x4 0x8 1x10' },
        sees: { '5m': 'quiet', '8m': { ...TIER_2, instance: 'vm-a' }, '15m': 'quiet' },
      },
      {
        title: 'a half-written file that is whole at once',
        series: { [RELOADED]: '1x4 0 1x10' },
        sees: { '6m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirPoliciesDiffer',
    severity: 'warning',
    // Versions before this label have none.
    expr: 'count by (tier) (count by (tier, rules) (weir_policy_info{rules!=""})) > 1',
    for: '10m',
    summary: 'The instances of {{ $labels.tier }} decide by {{ $value }} different sets of rules',
    description:
      'What is allowed depends on which of them a client comes to. A change reaches all pods in about a minute and a half.',
    scenes: [
      {
        title: 'a pod that does not take the change, until it does',
        series: {
          [policy('aaa', 'pod-a')]: '1x4 _x30',
          [policy('bbb', 'pod-a')]: '_x5 1x30',
          [policy('aaa', 'pod-b')]: '1x20 _x20',
          [policy('bbb', 'pod-b')]: '_x21 1x20',
        },
        sees: { '12m': 'quiet', '18m': TIER_1, '35m': 'quiet' },
      },
      {
        title: 'tiers have policies of their own',
        series: {
          [policy('aaa', 'pod-a')]: '1x30',
          [ofTier2('weir_policy_info', { hash: 'ccc', rules: 'ccc' })]: '1x30',
        },
        sees: { '25m': 'quiet' },
      },
      {
        title: 'certificates of their own are none',
        series: { [policy('aaa', 'pod-a')]: '1x30', [policy('aaa', 'pod-b')]: '1x30' },
        sees: { '25m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirRuleExpires',
    severity: 'warning',
    expr: `min by (tier, rule) (weir_rule_expires_timestamp_seconds) - time() < 3 * 86400
and min by (tier, rule) (weir_rule_expires_timestamp_seconds) - time() > -86400`,
    for: '5m',
    summary: 'Rule {{ $labels.rule }} of {{ $labels.tier }} ends in {{ $value | humanizeDuration }}',
    description:
      'From then on it never matches. A value below 0 says that it has ended; the alert goes a day after.',
    scenes: [
      {
        title: 'three days before, until it is prolonged',
        series: { [rule]: `${3 * DAY + 600}x60 ${90 * DAY}x20` },
        sees: { '10m': 'quiet', '20m': RULE, '70m': 'quiet' },
      },
      { title: 'two weeks before', series: { [rule]: always(14 * DAY) }, sees: { '1h': 'quiet' } },
    ],
  },
  {
    name: 'WeirCertificateExpires',
    severity: 'warning',
    expr: 'min by (tier, use) (weir_certificate_expires_timestamp_seconds) - time() < 14 * 86400',
    for: '5m',
    summary:
      'The certificate of {{ $labels.use }} ({{ $labels.tier }}) ends in {{ $value | humanizeDuration }}',
    description: 'Nobody has renewed it yet.',
    scenes: [
      {
        title: 'two weeks before, until it is renewed',
        series: { [certificate]: `${14 * DAY + 600}x60 ${90 * DAY}x20` },
        sees: { '10m': 'quiet', '20m': USE, '70m': 'quiet' },
      },
      { title: 'a month before', series: { [certificate]: always(30 * DAY) }, sees: { '1h': 'quiet' } },
    ],
  },
  {
    name: 'WeirCertificateExpiresNow',
    severity: 'critical',
    expr: 'min by (tier, use) (weir_certificate_expires_timestamp_seconds) - time() < 86400',
    for: '5m',
    summary: 'The certificate of {{ $labels.use }} ({{ $labels.tier }}) ends within a day, or has ended',
    description: 'With it ends every connection that shows it, or that is checked by it.',
    scenes: [
      {
        title: 'a day before, until it is renewed',
        series: { [certificate]: `${DAY + 600}x60 ${90 * DAY}x20` },
        sees: { '10m': 'quiet', '20m': USE, '70m': 'quiet' },
      },
      { title: 'it has ended', series: { [certificate]: '1x60' }, sees: { '30m': USE } },
      {
        title: 'two days before',
        series: { [certificate]: always(2 * DAY + 30_000) },
        sees: { '1h': 'quiet' },
      },
    ],
  },
];
