/** Every file that `npm run monitoring` writes, by its path; alerts name their pages below `runbooks`. */

import { DASHBOARDS, dashboardJson } from './render-dashboard.ts';
import { canaryRules, managedRules, plainRules, RUNBOOKS, tierRules } from './render-rules.ts';
import { runbookIndex } from './runbook-index.ts';

export function monitoringFiles(runbooks = RUNBOOKS): Readonly<Record<string, string>> {
  return {
    'k8s/monitoring/prometheus/weir.rules.yaml': plainRules(runbooks),
    'k8s/monitoring/rules/prometheus-rule.yaml': tierRules(runbooks),
    'k8s/monitoring/managed-rules/global-rules.yaml': managedRules(runbooks),
    'k8s/canary/alerts/alerts.yaml': canaryRules(runbooks),
    'docs/runbooks/README.md': runbookIndex(),
    ...Object.fromEntries(
      DASHBOARDS.map((dashboard) => [
        `k8s/monitoring/grafana/${dashboard.uid}.json`,
        dashboardJson(dashboard),
      ]),
    ),
  };
}
