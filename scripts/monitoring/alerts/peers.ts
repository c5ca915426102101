/** Alerts of the way from one tier to the next. */
import type { Alert, Scene } from '../alert.ts';
import { ofTier1, TIER_1 } from '../series.ts';

const PEER = { ...TIER_1, peer: 'vm-a' };
const of = (metric: string, instance = 'pod-a'): string => ofTier1(metric, { peer: 'vm-a' }, instance);

/** One that goes from 1 to 0 and back, and one that stays. */
function scenesOf(metric: string, seen: string): readonly Scene[] {
  return [
    {
      title: 'not so, and so again',
      series: { [of(metric)]: '1x4 0x8 1x10' },
      sees: { '4m': 'quiet', [seen]: PEER, '15m': 'quiet' },
    },
    { title: 'all is well', series: { [of(metric)]: '1x20' }, sees: { '10m': 'quiet' } },
  ];
}

export const PEERS: readonly Alert[] = [
  {
    name: 'WeirPeerDown',
    severity: 'warning',
    expr: `count by (tier, peer) (weir_peer_up == 0 or weir_peer_reachable == 0)
  / count by (tier, peer) (weir_peer_up) >= 0.5`,
    for: '2m',
    summary: 'Peer {{ $labels.peer }} cannot be used by {{ $labels.tier }}',
    description:
      '{{ $value | humanizePercentage }} of the instances of {{ $labels.tier }} cannot reach it. Others of the route serve meanwhile.',
    scenes: [
      ...scenesOf('weir_peer_up', '8m'),
      {
        title: 'the health check alone is enough',
        series: { [of('weir_peer_up')]: '1x20', [of('weir_peer_reachable')]: '1x4 0x15' },
        sees: { '5m': 'quiet', '9m': PEER },
      },
      {
        title: 'one instance of three sees it so',
        series: {
          [of('weir_peer_up')]: '0x20',
          [of('weir_peer_up', 'pod-b')]: '1x20',
          [of('weir_peer_up', 'pod-c')]: '1x20',
        },
        sees: { '10m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirRouteDegraded',
    severity: 'critical',
    expr: 'max by (tier, route) (weir_route_degraded) == 1',
    for: '1m',
    summary: 'Route {{ $labels.route }} of {{ $labels.tier }} has no peer that works',
    description:
      'All peers of the route rest since they failed, and are tried all the same. Most of what goes this way fails.',
    scenes: [
      {
        title: 'all peers rest, and one is back',
        series: { [ofTier1('weir_route_degraded', { route: 'out' })]: '0x4 1x8 0x10' },
        sees: { '5m': 'quiet', '8m': { ...TIER_1, route: 'out' }, '15m': 'quiet' },
      },
      {
        title: 'a moment is none',
        series: { [ofTier1('weir_route_degraded', { route: 'out' })]: '0x4 1 0x10' },
        sees: { '6m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirPeerRefusesUs',
    severity: 'critical',
    expr: 'min by (tier, peer) (weir_peer_authorised) == 0',
    for: '2m',
    summary: 'Peer {{ $labels.peer }} refuses {{ $labels.tier }}',
    description:
      'The peer is there and does not let this tier ask: its rules, a certificate or credentials are not what it expects.',
    scenes: scenesOf('weir_peer_authorised', '8m'),
  },
  {
    name: 'WeirEgressFailing',
    severity: 'critical',
    expr: 'max by (tier, peer) (weir_peer_egress) == 0',
    for: '3m',
    summary: 'Nothing gets out through peer {{ $labels.peer }}',
    description:
      'The peer answers, and the target of its health check (health.target) cannot be reached through it, as all instances see it.',
    scenes: [
      ...scenesOf('weir_peer_egress', '9m'),
      {
        title: 'one instance of two reaches it',
        series: { [of('weir_peer_egress')]: '0x20', [of('weir_peer_egress', 'pod-b')]: '1x20' },
        sees: { '10m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirPeerEjected',
    severity: 'warning',
    expr: 'max by (tier, peer) (weir_peer_ejected) == 1',
    for: '5m',
    summary: 'Peer {{ $labels.peer }} fails so often that {{ $labels.tier }} leaves it alone',
    description:
      'Five faults in a row, or more than half of the attempts. It can be connected to, and what is asked of it fails.',
    scenes: [
      {
        title: 'ejected again and again, and well in the end',
        series: { [of('weir_peer_ejected')]: '0x4 1x12 0x10' },
        sees: { '8m': 'quiet', '12m': PEER, '20m': 'quiet' },
      },
      {
        title: 'once is what ejection is for',
        series: { [of('weir_peer_ejected')]: '0x4 1x2 0x10' },
        sees: { '8m': 'quiet' },
      },
    ],
  },
  {
    name: 'WeirStandbyShort',
    severity: 'info',
    expr: 'sum by (tier, peer) (weir_peer_standby) < 0.5 * sum by (tier, peer) (weir_peer_standby_wanted)',
    for: '10m',
    summary: 'Fewer than half of the connections of {{ $labels.tier }} to {{ $labels.peer }} are open ahead',
    description:
      'Tunnels through it take one round trip more. Something between closes connections that are silent, or the peer has no room.',
    scenes: [
      {
        title: 'three of eight, for a while',
        series: { [of('weir_peer_standby')]: '8x4 3x16 8x10', [of('weir_peer_standby_wanted')]: '8x30' },
        sees: { '10m': 'quiet', '18m': PEER, '25m': 'quiet' },
      },
      {
        title: 'five of eight',
        series: { [of('weir_peer_standby')]: '5x30', [of('weir_peer_standby_wanted')]: '8x30' },
        sees: { '25m': 'quiet' },
      },
    ],
  },
];
