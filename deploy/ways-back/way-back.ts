/** What each severity goes back by, and what shows that it did. */
import { allChecks } from '../checks/all.ts';
import type { Check } from '../checks/check.ts';
import type { Step, World } from '../lib/step.ts';
import { evidence } from './evidence.ts';
import type { Severity } from './goal.ts';
import { oldProxySteps } from './old-proxy.ts';
import { oldProxyChecks } from './old-proxy-checks.ts';
import { policySteps, type Wanted } from './policy.ts';
import { versionSteps } from './version.ts';

/** Options, as they were given. */
export interface Asked {
  readonly tier?: string | undefined;
  readonly to?: string | undefined;
  readonly drain?: string | undefined;
}

export interface WayBack {
  readonly steps: readonly Step[];
  /** Known once the steps are done. */
  readonly checks: () => readonly Check[];
}

/** Evidence is taken before what would destroy it, and not before what nobody should wait for. */
export function wayBack(world: World, severity: Severity, { tier, to, drain }: Asked): WayBack {
  const wanted: Wanted = { tiers: tier === undefined ? ['1', '2'] : [tier as '1' | '2'], to };
  const checks = (): readonly Check[] => allChecks(world);
  switch (severity) {
    case 'policy':
      return { steps: [...policySteps(world, wanted), evidence], checks };
    case 'version':
      return { steps: [evidence, ...versionSteps(world, wanted)], checks };
    case 'squid': {
      const drainMs = drain === undefined ? undefined : Number(drain) * 1000;
      return { steps: oldProxySteps(world, { drainMs }), checks: () => oldProxyChecks(world) };
    }
  }
}
