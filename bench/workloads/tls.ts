/** What two tiers cost with mutual TLS between them, in rows of their own: nothing is promised of it. */
import { bulk } from './bulk.ts';
import { idle } from './idle.ts';
import { setUp } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import type { Workload } from './workload.ts';

const TIERS = ['weir-tls-two-tier', 'squid-tls-two-tier'];
/** A handshake costs more than all else of a tunnel, and is native code. */
const TUNNEL_WARM_UPS = 2;

export function tlsWorkloads(sizes: Sizes): readonly Workload[] {
  const { tlsTunnels: tunnels, tlsBytes: bulkBytes, tlsIdleLevels: idleLevels } = sizes;
  const small: Sizes = {
    ...sizes,
    ...{ tunnels, bulkBytes, idleLevels },
    tunnelLaps: 1,
    tunnelWarmUps: TUNNEL_WARM_UPS,
  };
  const bulks = (['down', 'up'] as const).map((direction) => bulk({ direction, tunnels: 1 }, small));
  return [
    // What is opened ahead is opened all the same: that `standby` costs nothing more is worth a row.
    withTls(setUp(small), ['weir-tls-cold-two-tier', ...TIERS]),
    ...bulks.map((workload) => withTls(workload, TIERS)),
    // Beside what the same tunnels take without it, as the row of one tier is no measure for two.
    {
      ...withTls(idle(small), ['weir-two-tier', 'squid-two-tier', ...TIERS]),
      title: 'Memory of idle tunnels, two tiers with and without TLS',
    },
  ];
}

/** `workload` as one of its own, for `subjects`. */
function withTls(workload: Workload, subjects: readonly string[]): Workload {
  const { name, title, story } = workload;
  return {
    ...workload,
    name: `tls-${name}`,
    title: `${title}, TLS`,
    story: `two tiers, mutual TLS 1.3 between those that are named so; ${story}`,
    subjects,
  };
}
