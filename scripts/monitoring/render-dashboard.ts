/** Dashboards as JSON of Grafana 10 and newer: panels that repeat for each tier, side by side, with a choice of Prometheus. */
import type { Dashboard, Panel, Row } from './dashboard.ts';
import { PEERS_DASHBOARD } from './dashboards/peers.ts';
import { POLICY_DASHBOARD } from './dashboards/policy.ts';
import { PROCESS_DASHBOARD } from './dashboards/process.ts';
import { TIERS_DASHBOARD } from './dashboards/tiers.ts';

export const DASHBOARDS: readonly Dashboard[] = [
  TIERS_DASHBOARD,
  PEERS_DASHBOARD,
  POLICY_DASHBOARD,
  PROCESS_DASHBOARD,
];

/** That of Grafana 10.3. */
export const SCHEMA_VERSION = 39;
const COLUMNS = 24;
const HEIGHTS = { number: 4, line: 8, title: 1 } as const;
const SOURCE = { type: 'prometheus', uid: '$datasource' };

interface Place {
  readonly id: number;
  readonly y: number;
}

function rowOf({ title }: Row, { id, y }: Place): object {
  return {
    id,
    type: 'row',
    title,
    collapsed: false,
    gridPos: { h: HEIGHTS.title, w: COLUMNS, x: 0, y },
    panels: [],
  };
}

const heightOf = ({ shows }: Panel): number => HEIGHTS[shows ?? 'line'];

function panelOf(panel: Panel, { id, y }: Place): object {
  const { title, description, unit, queries, shows, needs } = panel;
  return {
    id,
    type: shows === 'number' ? 'stat' : 'timeseries',
    title: `${title}: $tier`,
    description: needs === undefined ? description : `${description} Needs ${needs}.`,
    datasource: SOURCE,
    repeat: 'tier',
    repeatDirection: 'h',
    maxPerRow: 2,
    gridPos: { h: heightOf(panel), w: COLUMNS, x: 0, y },
    fieldConfig: {
      defaults: {
        unit,
        ...(unit === 'd' ? {} : { min: 0 }),
        ...(unit === 'percentunit' ? { max: 1 } : {}),
        noValue: needs === undefined ? 'No data' : `No data: needs ${needs}`,
      },
      overrides: [],
    },
    options:
      shows === 'number'
        ? { reduceOptions: { calcs: ['lastNotNull'] } }
        : { legend: { placement: 'bottom' } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
      ...(shows === 'number' ? { instant: true, range: false } : { instant: false, range: true }),
    })),
  };
}

function panelsOf({ rows }: Dashboard): object[] {
  const panels: object[] = [];
  let y = 0;
  const add = (make: (place: Place) => object, height: number): void => {
    panels.push(make({ id: panels.length + 1, y }));
    y += height;
  };
  for (const row of rows) {
    add((place) => rowOf(row, place), HEIGHTS.title);
    for (const panel of row.panels) add((place) => panelOf(panel, place), heightOf(panel));
  }
  return panels;
}

const VARIABLES = [
  { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', refresh: 1 },
  {
    name: 'tier',
    label: 'Tier',
    type: 'query',
    datasource: SOURCE,
    query: { query: 'label_values(up{job="weir"}, tier)', refId: 'tier' },
    definition: 'label_values(up{job="weir"}, tier)',
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    current: { selected: true, text: ['All'], value: ['$__all'] },
  },
];

/** JSON of one dashboard. */
export function dashboardJson(dashboard: Dashboard): string {
  const { uid, title, description } = dashboard;
  const model = {
    uid,
    title,
    description,
    tags: ['weir'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: false,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    links: [{ type: 'dashboards', title: 'Weir', tags: ['weir'], asDropdown: true, keepTime: true }],
    templating: { list: VARIABLES },
    annotations: { list: [] },
    panels: panelsOf(dashboard),
  };
  return `${JSON.stringify(model, undefined, 2)}\n`;
}
