/** Alerts of what comes of requests: own failures, failures of targets and slowness, kept apart. Refusals are in security.ts. */
import type { Alert } from '../alert.ts';
import { OWN } from '../expressions.ts';
import { ofTier1, requests, TIER_1 } from '../series.ts';

/** Of what is to be done, this part may fail by our own fault. */
const ALLOWED = 0.001;
/** A twentieth of a month's allowance goes in six hours, or a fiftieth in one. */
const [FAST, SLOW] = [14.4, 6].map((times) => (times * ALLOWED).toFixed(4));

const COMPLETED = requests('completed');
const PEERS_GONE = requests('failed', 'peer_unavailable');
const establish = (le: string): string => ofTier1('weir_establish_seconds_bucket', { phase: 'total', le });
const answered = (le: string): string => ofTier1('weir_request_duration_seconds_bucket', { le });
const dns = (result: string): string => ofTier1('weir_dns_queries_total', { result });

export const ERRORS: readonly Alert[] = [
  {
    name: 'WeirFailingFast',
    severity: 'critical',
    expr: `weir:own_failures:ratio_rate5m > ${FAST}
and weir:own_failures:ratio_rate1h > ${FAST}
and sum by (tier) (increase(weir_requests_total{${OWN}}[5m])) >= 5`,
    for: '2m',
    summary: '{{ $value | humanizePercentage }} of what {{ $labels.tier }} should do fails by its own fault',
    description:
      'Faults of the proxy or of its peers; refusals, faults of targets and clients that left are none of them. At this pace the allowance of a month (0.1 %) is gone in two days.',
    scenes: [
      {
        title: 'a tenth fails for a quarter of an hour',
        series: { [COMPLETED]: '0+540x30 16200x60', [PEERS_GONE]: '0x10 0+60x15 900x60' },
        sees: { '10m': 'quiet', '20m': TIER_1, '35m': 'quiet' },
      },
      {
        title: 'refusals and faults of targets are others’',
        series: {
          [COMPLETED]: '0+10x30',
          [requests('denied', 'rule_denied')]: '0+500x30',
          [requests('failed', 'connection_refused')]: '0+500x30',
        },
        sees: { '20m': 'quiet' },
      },
      {
        title: 'two of three in the night are no reason to wake anybody',
        series: { [COMPLETED]: '0x10 1x30', [PEERS_GONE]: '0x10 2x30' },
        sees: { '13m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirFailingSlowly',
    severity: 'warning',
    expr: `weir:own_failures:ratio_rate30m > ${SLOW} and weir:own_failures:ratio_rate6h > ${SLOW}`,
    for: '15m',
    summary:
      '{{ $value | humanizePercentage }} of what {{ $labels.tier }} should do fails by its own fault, for hours',
    description:
      'Less than what wakes anybody, and more than can go on: at this pace the allowance of a month is gone in five days.',
    scenes: [
      {
        title: 'one in a hundred for forty minutes',
        series: { [COMPLETED]: '0+990x40 39600x40', [PEERS_GONE]: '0+10x40 400x40' },
        sees: { '10m': 'quiet', '30m': TIER_1, '75m': 'quiet' },
      },
      {
        title: 'one in a thousand is what is allowed',
        series: { [COMPLETED]: '0+999x90', [PEERS_GONE]: '0+1x90' },
        sees: { '40m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirTargetsFailing',
    severity: 'warning',
    expr: 'weir:target_failures:ratio_rate5m > 0.2 and weir:requests:rate5m > 0.1',
    for: '10m',
    summary: '{{ $value | humanizePercentage }} of what {{ $labels.tier }} should do fails at its target',
    description:
      'Targets cannot be resolved or reached, reset connections or answer nonsense. Weir itself is well.',
    scenes: [
      {
        title: 'half of the targets refuse',
        series: { [COMPLETED]: '0+60x60', [requests('failed', 'connection_refused')]: '0+60x20 1200x40' },
        sees: { '8m': 'quiet', '16m': TIER_1, '35m': 'quiet' },
      },
      {
        title: 'peers that are down are not the targets’ fault',
        series: { [COMPLETED]: '0+60x60', [PEERS_GONE]: '0+60x60' },
        sees: { '30m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirNamesFailing',
    severity: 'warning',
    expr: `sum by (tier) (rate(weir_dns_queries_total{result=~"servfail|timeout|error|stale"}[5m]))
  / sum by (tier) (rate(weir_dns_queries_total{result!~"cached|hosts"}[5m])) > 0.1`,
    for: '5m',
    summary: '{{ $value | humanizePercentage }} of the names that {{ $labels.tier }} looks up get no answer',
    description:
      'The name servers fail or are silent. A name that does not exist (nxdomain) is an answer, and not counted.',
    scenes: [
      {
        title: 'the name server goes silent, and answers again',
        series: { [dns('ok')]: '0+60x60', [dns('timeout')]: '0x5 0+60x15 900x40' },
        sees: { '8m': 'quiet', '16m': TIER_1, '30m': 'quiet' },
      },
      {
        title: 'names that do not exist',
        series: { [dns('ok')]: '0+60x60', [dns('nxdomain')]: '0+60x60' },
        sees: { '30m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirSlow',
    severity: 'warning',
    expr: `histogram_quantile(0.95, sum by (tier, le) (rate(weir_establish_seconds_bucket{phase="total"}[5m]))) > 1
and sum by (tier) (rate(weir_establish_seconds_count{phase="total"}[5m])) > 0.1`,
    for: '10m',
    summary:
      'One in twenty tunnels of {{ $labels.tier }} takes more than {{ $value | humanizeDuration }} to open',
    description:
      'The time from the request until the tunnel is open, name, connection and peers included. Phase by phase it is in the dashboard.',
    scenes: [
      {
        title: 'a tenth takes more than two seconds, for a while',
        series: {
          [establish('1')]: '0+54x20 1080+60x40',
          [establish('2.5')]: '0+60x60',
          [establish('+Inf')]: '0+60x60',
          [ofTier1('weir_establish_seconds_count', { phase: 'total' })]: '0+60x60',
        },
        sees: { '8m': 'quiet', '16m': TIER_1, '35m': 'quiet' },
      },
      {
        title: 'all within a second',
        series: {
          [establish('1')]: '0+60x60',
          [establish('+Inf')]: '0+60x60',
          [ofTier1('weir_establish_seconds_count', { phase: 'total' })]: '0+60x60',
        },
        sees: { '30m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirRequestsSlow',
    severity: 'warning',
    expr: `histogram_quantile(0.95, sum by (tier, le) (rate(weir_request_duration_seconds_bucket[5m]))) > 5
and sum by (tier) (rate(weir_request_duration_seconds_count[5m])) > 0.1`,
    for: '10m',
    summary:
      'One in twenty requests of plain HTTP to {{ $labels.tier }} takes more than {{ $value | humanizeDuration }}',
    description:
      'The time from the request until the last byte of its answer, so that long downloads count as well. Tunnels are in WeirSlow.',
    scenes: [
      {
        title: 'a tenth takes up to ten seconds, for a while',
        series: {
          [answered('5')]: '0+54x20 1080+60x40',
          [answered('10')]: '0+60x60',
          [answered('+Inf')]: '0+60x60',
          [ofTier1('weir_request_duration_seconds_count')]: '0+60x60',
        },
        sees: { '8m': 'quiet', '16m': TIER_1, '35m': 'quiet' },
      },
      {
        title: 'a tenth takes three seconds, which is no tunnel',
        series: {
          [answered('2.5')]: '0+54x60',
          [answered('5')]: '0+60x60',
          [answered('+Inf')]: '0+60x60',
          [ofTier1('weir_request_duration_seconds_count')]: '0+60x60',
        },
        sees: { '30m': 'quiet' },
      },
      {
        title: 'three long downloads in a minute are not all of its clients',
        series: {
          [answered('5')]: '0x60',
          [answered('300')]: '0+3x60',
          [answered('+Inf')]: '0+3x60',
          [ofTier1('weir_request_duration_seconds_count')]: '0+3x60',
        },
        sees: { '30m': 'quiet' },
      },
    ],
  },
];
