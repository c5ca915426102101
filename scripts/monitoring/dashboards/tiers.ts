/** The first dashboard that anybody opens: whether both tiers are well, and what passes through them. */
import { type Dashboard, of, type Panel, perSecond, quantile, type Row } from '../dashboard.ts';
import { OWN, REFUSED, TARGETS, WANTED } from '../expressions.ts';
import { CACHE } from './cache.ts';

const requests = (matchers = ''): string => `sum(${perSecond('weir_requests_total', matchers)})`;
/** Which part of what was to be done; 0 where none of it came to that. */
const part = (matchers: string): string =>
  `(${requests(matchers)} or 0 * ${requests()}) / ${requests(WANTED)}`;

const NOW: Row = {
  title: 'Now',
  panels: [
    {
      title: 'Instances',
      description: 'How many answer to Prometheus. Fewer than there should be: see the runbook of WeirDown.',
      unit: 'short',
      shows: 'number',
      queries: [{ expr: `sum(${of('up')})`, legend: 'up' }],
    },
    {
      title: 'Success',
      description:
        'Part of what was neither refused nor limited that did not fail by our own fault. The objective is 99.9 %.',
      unit: 'percentunit',
      shows: 'number',
      queries: [{ expr: `1 - ${part(OWN)}`, legend: 'success' }],
    },
    {
      title: 'Requests a second',
      description: 'Transactions that ended: tunnels, and requests of plain HTTP.',
      unit: 'reqps',
      shows: 'number',
      queries: [{ expr: requests(), legend: 'requests' }],
    },
    {
      title: 'Open tunnels',
      description: 'Tunnels that are open now, over all instances.',
      unit: 'short',
      shows: 'number',
      queries: [{ expr: `sum(${of('weir_tunnels_open')})`, legend: 'tunnels' }],
    },
  ],
};

const CONNECTIONS: Row = {
  title: 'Connections',
  panels: [
    {
      title: 'Connections of clients',
      description: 'Open, by instance, and how many there may be by the limit of open files.',
      unit: 'short',
      queries: [
        { expr: of('weir_connections_open'), legend: '{{instance}}' },
        { expr: of('weir_connections_max'), legend: '{{instance}} at most' },
      ],
    },
    {
      title: 'Tunnels',
      description: 'Open, by listener.',
      unit: 'short',
      queries: [{ expr: `sum by (listener) (${of('weir_tunnels_open')})`, legend: '{{listener}}' }],
    },
    {
      title: 'Connections turned away',
      description: 'For which there was no place. It should be 0.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (instance) (${perSecond('weir_connections_refused_total')})`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Handshakes of TLS that fail',
      description: 'By listener and cause. Between the tiers each is a connection that does not come about.',
      unit: 'ops',
      needs: 'a listener with tls, and a handshake that failed',
      queries: [
        {
          expr: `sum by (listener, cause) (${perSecond('weir_tls_handshakes_failed_total')})`,
          legend: '{{listener}} {{cause}}',
        },
      ],
    },
  ],
};

const OUTCOMES: Row = {
  title: 'What comes of requests',
  panels: [
    {
      title: 'By outcome',
      description: 'completed, denied, limited, failed, client_gone, drained, revoked.',
      unit: 'reqps',
      queries: [{ expr: `sum by (outcome) (${perSecond('weir_requests_total')})`, legend: '{{outcome}}' }],
    },
    {
      title: 'Success, and whose fault the rest is',
      description: 'Own failures burn the objective, failures of targets do not; refusals are in neither.',
      unit: 'percentunit',
      queries: [
        { expr: `1 - ${part(OWN)}`, legend: 'success' },
        { expr: part(OWN), legend: 'own failures' },
        { expr: part(TARGETS), legend: 'failures of targets' },
      ],
    },
    failures('Own failures by reason', 'Faults of the proxy or of its peers.', OWN),
    failures('Failures of targets by reason', 'Names, connections and answers of targets.', TARGETS),
    failures('Refusals by reason', 'What the policy of this tier, or of the next one, denied.', REFUSED),
  ],
};

function failures(title: string, description: string, matchers: string): Panel {
  const expr = `sum by (reason) (${perSecond('weir_requests_total', matchers)})`;
  return {
    title,
    description,
    unit: 'reqps',
    needs: 'one of them',
    queries: [{ expr, legend: '{{reason}}' }],
  };
}

const TIMES: Row = {
  title: 'Response time',
  panels: [
    {
      title: 'Until a tunnel is open',
      description: 'From the request to the answer. More than a second for one in twenty is an alert.',
      unit: 's',
      queries: [0.5, 0.95, 0.99].map((share) => ({
        expr: quantile(share, 'weir_establish_seconds', { matchers: 'phase="total"' }),
        legend: `p${share * 100}`,
      })),
    },
    {
      title: 'By phase, 95th percentile',
      description:
        'dns: the name. connect: the connection to the target. peer: to the next tier and its answer.',
      unit: 's',
      queries: [{ expr: quantile(0.95, 'weir_establish_seconds', { by: 'phase' }), legend: '{{phase}}' }],
    },
    {
      title: 'Requests of plain HTTP',
      description:
        'How long they take, with their bodies. More than five seconds for one in twenty is an alert.',
      unit: 's',
      needs: 'requests of plain HTTP',
      queries: [0.5, 0.95].map((share) => ({
        expr: quantile(share, 'weir_request_duration_seconds'),
        legend: `p${share * 100}`,
      })),
    },
    {
      title: 'How long tunnels are open',
      description: 'A drain that is shorter than most of them cuts them in every roll-out.',
      unit: 's',
      queries: [0.5, 0.95].map((share) => ({
        expr: quantile(share, 'weir_tunnel_duration_seconds'),
        legend: `p${share * 100}`,
      })),
    },
  ],
};

const BYTES: Row = {
  title: 'Bandwidth and cache',
  panels: [
    {
      title: 'Bandwidth',
      description:
        'On the connections of clients, both directions. Tunnels are counted every minute and at their end.',
      unit: 'bps',
      queries: [
        { expr: `8 * sum by (direction) (${perSecond('weir_bytes_total')})`, legend: '{{direction}}' },
      ],
    },
    {
      title: 'Bandwidth by instance',
      description: 'Whether all of them carry their part.',
      unit: 'bps',
      queries: [{ expr: `8 * sum by (instance) (${perSecond('weir_bytes_total')})`, legend: '{{instance}}' }],
    },
    ...CACHE,
  ],
};

export const TIERS_DASHBOARD: Dashboard = {
  uid: 'weir-tiers',
  title: 'Weir: both tiers',
  description:
    'Whether both tiers are well, and what passes through them: connections, success, times, bandwidth, cache.',
  rows: [NOW, CONNECTIONS, OUTCOMES, TIMES, BYTES],
};
