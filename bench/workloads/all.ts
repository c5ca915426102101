/** Every workload there is, in the order in which they are run. */
import { bulk } from './bulk.ts';
import { distance } from './distance.ts';
import { decision, domains } from './domains.ts';
import { hitWorkloads } from './hits.ts';
import { httpWorkloads } from './http.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { mixed } from './mixed.ts';
import { openTunnels } from './open-tunnels.ts';
import { setUp } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import { tlsWorkloads } from './tls.ts';
import type { Workload } from './workload.ts';

export function allWorkloads(sizes: Sizes): readonly Workload[] {
  return [
    setUp(sizes),
    bulk({ direction: 'down', tunnels: 1 }, sizes),
    bulk({ direction: 'down', tunnels: 16 }, sizes),
    bulk({ direction: 'up', tunnels: 1 }, sizes),
    bulk({ direction: 'up', tunnels: 16 }, sizes),
    ...httpWorkloads(sizes),
    ...hitWorkloads(sizes),
    mixed(sizes),
    latency(sizes),
    distance(sizes),
    ...tlsWorkloads(sizes),
    idle(sizes),
    openTunnels(sizes),
    domains(sizes),
    decision(sizes),
  ];
}
