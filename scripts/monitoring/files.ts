/** Every file that `npm run monitoring` writes, by its path. */

import { DASHBOARDS, dashboardJson } from './render-dashboard.ts';
import { canaryRules, managedRules, plainRules, tierRules } from './render-rules.ts';
import { runbookIndex } from './runbook-index.ts';

export function monitoringFiles(): Readonly<Record<string, string>> {
  return {
    'k8s/monitoring/prometheus/weir.rules.yaml': plainRules(),
    'k8s/monitoring/rules/prometheus-rule.yaml': tierRules(),
    'k8s/monitoring/managed-rules/global-rules.yaml': managedRules(),
    'k8s/canary/alerts/alerts.yaml': canaryRules(),
    'docs/runbooks/README.md': runbookIndex(),
    ...Object.fromEntries(
      DASHBOARDS.map((dashboard) => [
        `k8s/monitoring/grafana/${dashboard.uid}.json`,
        dashboardJson(dashboard),
      ]),
    ),
  };
}
