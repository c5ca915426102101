/** Whether monitoring sees both tiers: every pod and every machine has been scraped. */
import { Fault } from '../lib/fault.ts';
import type { World } from '../lib/step.ts';
import { kubectl } from '../steps/tools.ts';
import type { Check } from './check.ts';
import { lookJson } from './cluster.ts';

interface Answer {
  readonly data?: { readonly result?: readonly { readonly metric: Readonly<Record<string, string>> }[] };
}

/** Each instance of Weir says it once, whoever scrapes it. */
const QUERY = 'max by (tier, instance) (weir_policy_info)';

export const scraped: Check = {
  id: 'scraped',
  title: 'Monitoring scrapes every pod of tier 1 and every machine of tier 2',
  cure: 'docs/runbooks/WeirDown.md',
  unasked: ({ settings }) =>
    settings.text.PROMETHEUS
      ? undefined
      : `whether both tiers are scraped was not asked, as ${settings.file} names no PROMETHEUS`,
  run: async ({ world, pods }) => {
    const counts = await countsIn(world);
    const wanted = { 'tier-1': (await pods()).length, 'tier-2': world.settings.machines.length };
    const short = Object.entries(wanted).filter(([tier, count]) => (counts.get(tier) ?? 0) < count);
    if (short.length > 0) {
      const told = short.map(([tier, count]) => `${counts.get(tier) ?? 0} of ${count} of ${tier}`).join(', ');
      throw new Fault(
        `Prometheus has scraped ${told}`,
        'a pod that was just made is scraped within a minute; else docs/runbooks/WeirDown.md, and k8s/monitoring/README.md for how each tier is scraped',
      );
    }
    return Object.entries(wanted)
      .map(([tier, count]) => `${count} of ${tier}`)
      .join(', ');
  },
};

async function countsIn(world: World): Promise<ReadonlyMap<string, number>> {
  const [, namespace, service] = /^([^/]+)\/(.+)$/.exec(world.settings.text.PROMETHEUS ?? '') ?? [];
  if (namespace === undefined) {
    throw new Fault(
      'PROMETHEUS is not set, so that nobody can be asked',
      `set it in ${world.settings.file} (NAMESPACE/SERVICE:PORT, such as monitoring/prometheus-operated:9090)`,
    );
  }
  const path = `/api/v1/namespaces/${namespace}/services/${service}/proxy/api/v1/query?query=${encodeURIComponent(QUERY)}`;
  const cure = `see that ${service} is there, and that you may use services/proxy in ${namespace}`;
  const answer = await lookJson<Answer>(world, kubectl(world, ['get', `--raw=${path}`], { cure }));
  const counts = new Map<string, number>();
  for (const { metric } of answer.data?.result ?? []) {
    const tier = metric.tier ?? '';
    counts.set(tier, (counts.get(tier) ?? 0) + 1);
  }
  return counts;
}
