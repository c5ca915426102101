/** Alerts for those who watch over who asks for what: refusals, clients that are nobody, words that are not believed. */
import type { Alert } from '../alert.ts';
import { ofTier1, ofTier2, requests, TIER_1, TIER_2 } from '../series.ts';

/** Who looks at them beside those on call. */
const SECURITY = { team: 'security' };
const COMPLETED = requests('completed');
const DENIED = requests('denied', 'no_rule_matched');
const UNKNOWN = ofTier1('weir_identity_unknown_total');
const AGE = ofTier1('weir_identity_index_age_seconds');
const assertions = (result: string): string => ofTier2('weir_hop_assertions_total', { result });
const forged = ofTier2('weir_forged_hop_headers_total', { header: 'weir-identity' });
const handshakes = ofTier2('weir_tls_handshakes_failed_total', { listener: 'main', cause: 'certificate' });

export const SECURITY_ALERTS: readonly Alert[] = [
  {
    name: 'WeirRefusalBurst',
    severity: 'warning',
    expr: `weir:refusals:rate5m > 0.2
and weir:refusals:rate5m > 5 * (avg_over_time(weir:refusals:rate5m[6h] offset 10m) or 0 * weir:refusals:rate5m)`,
    for: '2m',
    labels: SECURITY,
    summary: '{{ $labels.tier }} refuses {{ $value | humanize }} requests a second, five times what is usual',
    description:
      'Somebody tries what he may not, or a change of policy took away what was used. Which rule refuses is in weir_decisions_total and in the records.',
    scenes: [
      {
        title: 'two a second, where there was one a minute',
        series: { [COMPLETED]: '0+60x120', [DENIED]: '0+1x30 30+120x10 1230+1x40' },
        sees: { '30m': 'quiet', '38m': { ...TIER_1, ...SECURITY }, '55m': 'quiet' },
      },
      {
        title: 'many, as always',
        series: { [COMPLETED]: '0+60x120', [DENIED]: '0+60x120' },
        sees: { '15m': 'quiet', '40m': 'quiet' },
      },
      {
        title: 'five times next to nothing',
        series: { [COMPLETED]: '0+60x120', [DENIED]: '0x30 0+6x20' },
        sees: { '40m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirIdentityUnknown',
    severity: 'warning',
    expr: `sum by (tier) (rate(weir_identity_unknown_total[5m])) / sum by (tier) (rate(weir_requests_total[5m])) > 0.01`,
    for: '10m',
    labels: SECURITY,
    summary:
      '{{ $value | humanizePercentage }} of the requests to {{ $labels.tier }} come from nobody who is known',
    description:
      'Their addresses are no pod’s that the API server tells of, nor in identity.static. Rules that ask for pods do not match them.',
    scenes: [
      {
        title: 'a tenth, for a while',
        series: { [COMPLETED]: '0+60x60', [UNKNOWN]: '0+6x20 120x40' },
        sees: { '8m': 'quiet', '16m': { ...TIER_1, ...SECURITY }, '35m': 'quiet' },
      },
      {
        title: 'one of a thousand, as when a pod is new',
        series: { [COMPLETED]: '0+6000x60', [UNKNOWN]: '0+6x60' },
        sees: { '40m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirPodIndexStale',
    severity: 'critical',
    expr: 'max by (tier) (weir_identity_index_age_seconds) > 300 or max by (tier) (weir_identity_namespaces_age_seconds) > 300',
    for: '2m',
    summary: '{{ $labels.tier }} has heard nothing of the API server for {{ $value | humanizeDuration }}',
    description:
      'What is known of pods or namespaces is old. A new pod is nobody, and an address that has changed hands may be taken for its last owner.',
    scenes: [
      {
        title: 'ten minutes of silence',
        series: { [AGE]: '0+60x10 0x10' },
        sees: { '7m': 'quiet', '9m': TIER_1, '15m': 'quiet' },
      },
      { title: 'ninety seconds are usual', series: { [AGE]: '90x30' }, sees: { '20m': 'quiet' } },
    ],
  },
  {
    name: 'WeirAssertionsRefused',
    severity: 'critical',
    expr: `sum by (tier, result) (increase(weir_hop_assertions_total{result!~"accepted|absent"}[5m])) >= 3`,
    for: '1m',
    labels: SECURITY,
    summary: '{{ $labels.tier }} does not believe who its clients are said to be ({{ $labels.result }})',
    description:
      'A trusted hop signs what does not hold: another key, a clock that is off, an audience that does not fit, or somebody who sends words again. Each is a 403.',
    scenes: [
      {
        title: 'keys that differ, until they fit',
        series: { [assertions('accepted')]: '0+60x40', [assertions('unknown_key')]: '0x5 0+60x5 300x30' },
        sees: { '5m': 'quiet', '9m': { ...TIER_2, result: 'unknown_key', ...SECURITY }, '20m': 'quiet' },
      },
      {
        title: 'those that are believed, and hops that say nothing',
        series: { [assertions('accepted')]: '0+60x40', [assertions('absent')]: '0+60x40' },
        sees: { '20m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirForgedHopHeaders',
    severity: 'warning',
    expr: 'sum by (tier, header) (increase(weir_forged_hop_headers_total[10m])) > 0',
    labels: SECURITY,
    summary: 'A client of {{ $labels.tier }} sends {{ $labels.header }}, which only a hop may',
    description:
      'The field was removed and believed by nobody. Either somebody tries to pass for another, or a hop is missing in hop.trust.from.',
    scenes: [
      {
        title: 'one is enough',
        series: { [forged]: '0x5 1x30' },
        sees: { '5m': 'quiet', '8m': { ...TIER_2, header: 'weir-identity', ...SECURITY }, '25m': 'quiet' },
      },
      { title: 'none', series: { [forged]: '4x30' }, sees: { '20m': 'quiet' } },
    ],
  },
  {
    name: 'WeirHandshakesFailing',
    severity: 'warning',
    expr: 'sum by (tier, listener, cause) (rate(weir_tls_handshakes_failed_total{cause=~"certificate|alert|protocol"}[5m])) > 0.05',
    for: '5m',
    labels: SECURITY,
    summary:
      'Clients cannot open TLS to listener {{ $labels.listener }} of {{ $labels.tier }} ({{ $labels.cause }})',
    description:
      'They show no certificate or a bad one, do not trust ours, or speak no TLS that is taken. Between the tiers it means that nothing passes.',
    scenes: [
      {
        title: 'a certificate that is not taken, until it is renewed',
        series: { [handshakes]: '0+60x15 900x30' },
        sees: {
          '3m': 'quiet',
          '12m': { ...TIER_2, listener: 'main', cause: 'certificate', ...SECURITY },
          '30m': 'quiet',
        },
      },
      {
        title: 'one scan of ports',
        series: { [handshakes]: '0x5 3x30' },
        sees: { '8m': 'quiet', '12m': 'quiet' },
      },
    ],
  },
];
