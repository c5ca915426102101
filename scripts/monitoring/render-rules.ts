/** Rules as files: that of a plain Prometheus, and the objects of the operators that run one in a cluster. */
import { stringify } from 'yaml';
import { type Alert, type Group, isAlert, type Recording } from './alert.ts';
import { GROUPS, NAMESPACES, TIERS } from './groups.ts';

/** Where the pages are read, where nobody says otherwise: in a checkout. `npm run monitoring -- --runbooks URL` makes links of them. */
export const RUNBOOKS = 'docs/runbooks';
const MADE = '# Made by `npm run monitoring` from scripts/monitoring/. Change it there.\n';
const INTERVAL = '30s';

export function ruleOf(rule: Alert | Recording, runbooks = RUNBOOKS): object {
  if (!isAlert(rule)) return rule;
  return {
    alert: rule.name,
    expr: rule.expr,
    ...(rule.for === undefined ? {} : { for: rule.for }),
    labels: { severity: rule.severity, ...rule.labels },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      runbook_url: `${runbooks}/${rule.name}.md`,
    },
  };
}

function yaml(value: unknown, head = MADE): string {
  return `${head}${stringify(value, { lineWidth: 0 })}`;
}

/** Groups as Prometheus reads them. */
export const groupsOf = (groups: readonly Group[], runbooks = RUNBOOKS): unknown[] =>
  groups.map(({ name, rules }) => ({
    name,
    interval: INTERVAL,
    rules: rules.map((rule) => ruleOf(rule, runbooks)),
  }));

/** All rules, for `rule_files` of a Prometheus that you run yourselves. */
export function plainRules(runbooks: string): string {
  return yaml({ groups: groupsOf(GROUPS, runbooks) });
}

/** An object of the Prometheus Operator. */
function operatorRules(metadata: { name: string; namespace: string }, groups: unknown[]): string {
  return yaml({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { ...metadata, labels: { 'app.kubernetes.io/name': metadata.name } },
    spec: { groups },
  });
}

export const tierRules = (runbooks: string): string =>
  operatorRules({ name: 'weir', namespace: 'intra-proxy' }, groupsOf(TIERS, runbooks));
export const canaryRules = (runbooks: string): string =>
  operatorRules({ name: 'bypass-canary', namespace: 'api' }, groupsOf(NAMESPACES, runbooks));

/** An object of Google Cloud's Managed Service for Prometheus, for series of the whole project: tier 2 is in no cluster. */
export function managedRules(runbooks: string): string {
  return yaml({
    apiVersion: 'monitoring.googleapis.com/v1',
    kind: 'GlobalRules',
    metadata: { name: 'weir', labels: { 'app.kubernetes.io/name': 'weir' } },
    spec: { groups: groupsOf(GROUPS, runbooks) },
  });
}
