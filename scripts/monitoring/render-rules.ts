/** Rules as files: that of a plain Prometheus, and the objects of the operators that run one in a cluster. */
import { stringify } from 'yaml';
import { type Alert, type Group, isAlert, type Recording } from './alert.ts';
import { GROUPS, NAMESPACES, TIERS } from './groups.ts';

/** Where the pages are read. Set it to where your copy of docs/runbooks/ is. */
export const RUNBOOKS = 'https://git.aibang.com/egress/weir/-/blob/main/docs/runbooks';
const MADE = '# Made by `npm run monitoring` from scripts/monitoring/. Change it there.\n';
const INTERVAL = '30s';

export function ruleOf(rule: Alert | Recording): object {
  if (!isAlert(rule)) return rule;
  return {
    alert: rule.name,
    expr: rule.expr,
    ...(rule.for === undefined ? {} : { for: rule.for }),
    labels: { severity: rule.severity, ...rule.labels },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      runbook_url: `${RUNBOOKS}/${rule.name}.md`,
    },
  };
}

function yaml(value: unknown, head = MADE): string {
  return `${head}${stringify(value, { lineWidth: 0 })}`;
}

/** Groups as Prometheus reads them. */
export const groupsOf = (groups: readonly Group[]): unknown[] =>
  groups.map(({ name, rules }) => ({ name, interval: INTERVAL, rules: rules.map(ruleOf) }));

/** All rules, for `rule_files` of a Prometheus that you run yourselves. */
export function plainRules(): string {
  return yaml({ groups: groupsOf(GROUPS) });
}

/** An object of the Prometheus Operator. */
function operatorRules(name: string, namespace: string, groups: readonly Group[]): string {
  return yaml({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: { groups: groupsOf(groups) },
  });
}

export const tierRules = (): string => operatorRules('weir', 'intra-proxy', TIERS);
export const canaryRules = (): string => operatorRules('bypass-canary', 'api', NAMESPACES);

/** An object of Google Cloud's Managed Service for Prometheus, for series of the whole project: tier 2 is in no cluster. */
export function managedRules(): string {
  return yaml({
    apiVersion: 'monitoring.googleapis.com/v1',
    kind: 'GlobalRules',
    metadata: { name: 'weir', labels: { 'app.kubernetes.io/name': 'weir' } },
    spec: { groups: groupsOf(GROUPS) },
  });
}
