/** The way from one tier to the next, and names. */
import { type Dashboard, of, type Panel, perSecond } from '../dashboard.ts';

const PEERS = 'peers, which tier 2 has none of';

function sight(title: string, metric: string, description: string): Panel {
  const queries = [{ expr: `min by (peer) (${of(metric)})`, legend: '{{peer}}' }];
  return { title, description, unit: 'bool_yes_no', needs: `${PEERS}, with health`, queries };
}

export const PEERS_DASHBOARD: Dashboard = {
  uid: 'weir-peers',
  title: 'Weir: peers and names',
  description:
    'The way from one tier to the next: whether peers are there, what they fail at, and what name servers answer.',
  rows: [
    {
      title: 'Peers as they are seen',
      panels: [
        sight(
          'Up',
          'weir_peer_up',
          'Whether the last attempt to use the peer succeeded, at the instance that sees it worst.',
        ),
        sight(
          'Reachable',
          'weir_peer_reachable',
          'Whether the last health check could connect, and had an answer.',
        ),
        sight(
          'Authorised',
          'weir_peer_authorised',
          'Whether the peer lets this tier ask. No: certificates, rules, credentials.',
        ),
        sight(
          'Egress',
          'weir_peer_egress',
          'Whether the target of the health check can be reached through the peer.',
        ),
      ],
    },
    {
      title: 'Load and faults',
      panels: [
        {
          title: 'Tunnels by peer',
          description: 'Tunnels and requests that go through each peer now.',
          unit: 'short',
          needs: PEERS,
          queries: [{ expr: `sum by (peer) (${of('weir_peer_tunnels')})`, legend: '{{peer}}' }],
        },
        {
          title: 'Faults of peers',
          description: 'By peer and error, whether another peer was tried after it or not.',
          unit: 'ops',
          needs: `${PEERS}, and a fault`,
          queries: [
            {
              expr: `sum by (peer, error) (${perSecond('weir_peer_failures_total')})`,
              legend: '{{peer}} {{error}}',
            },
          ],
        },
        {
          title: 'Left alone as outliers',
          description: 'A peer that is ejected fails too often, though it can be connected to.',
          unit: 'bool_yes_no',
          needs: PEERS,
          queries: [{ expr: `max by (peer) (${of('weir_peer_ejected')})`, legend: '{{peer}}' }],
        },
        {
          title: 'Routes without a peer that works',
          description: 'Yes: all peers of the route rest, and are tried all the same.',
          unit: 'bool_yes_no',
          needs: PEERS,
          queries: [{ expr: `max by (route) (${of('weir_route_degraded')})`, legend: '{{route}}' }],
        },
        {
          title: 'Connections open ahead',
          description: 'Beside how many should be. Fewer than half costs each tunnel a round trip.',
          unit: 'short',
          needs: `${PEERS}, with standby`,
          queries: [
            { expr: `sum by (peer) (${of('weir_peer_standby')})`, legend: '{{peer}}' },
            { expr: `sum by (peer) (${of('weir_peer_standby_wanted')})`, legend: '{{peer}} wanted' },
          ],
        },
        {
          title: 'Looks of other hops',
          description:
            'Health checks that tier 1 makes of this tier. None: nobody looks, or nobody gets here.',
          unit: 'ops',
          queries: [
            { expr: `sum by (instance) (${perSecond('weir_probes_total')})`, legend: '{{instance}}' },
          ],
        },
      ],
    },
    {
      title: 'Names',
      panels: [
        {
          title: 'Names looked up',
          description:
            'By what came of it. cached and hosts ask nobody; servfail, timeout, error and stale are name servers that fail.',
          unit: 'ops',
          needs: 'names that this tier resolves',
          queries: [
            { expr: `sum by (result) (${perSecond('weir_dns_queries_total')})`, legend: '{{result}}' },
          ],
        },
        {
          title: 'Names that lead outside and inside',
          description: 'What rebinding looks like. The addresses inside were refused.',
          unit: 'ops',
          queries: [{ expr: `sum(${perSecond('weir_dns_mixed_total')})`, legend: 'mixed' }],
        },
      ],
    },
  ],
};
