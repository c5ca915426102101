/** What the guard runs: a few kinds of work, each by the baseline and by the working tree in turn, one tier or two. */
import type { Subject } from '../subjects/subject.ts';
import { startWeir, startWeirTwoTier } from '../subjects/weir.ts';
import { bulk } from '../workloads/bulk.ts';
import { httpWorkloads } from '../workloads/http.ts';
import { setUp } from '../workloads/set-up.ts';
import { GUARD } from '../workloads/sizes.ts';
import type { Workload } from '../workloads/workload.ts';

/** Two checkouts in the same role. */
export interface Pair {
  readonly baseline: string;
  readonly tree: string;
}

export const ONE_TIER: Pair = { baseline: 'baseline', tree: 'tree' };
const TWO_TIERS: Pair = { baseline: 'baseline-two-tier', tree: 'tree-two-tier' };

/** Each costs more than twice as much as through one tier. */
const CHAINED_TUNNELS = 1200;

/** Work, and whose. */
export interface Heat {
  readonly workload: Workload;
  readonly pair: Pair;
}

export function heats(): readonly Heat[] {
  const [get] = httpWorkloads(GUARD);
  if (get === undefined) throw new Error('Cannot find the workload of a GET');
  const one = [
    setUp(GUARD),
    bulk({ direction: 'down', tunnels: 1 }, GUARD),
    bulk({ direction: 'up', tunnels: 16 }, GUARD),
    get,
  ];
  const chained = {
    ...setUp({ ...GUARD, tunnels: CHAINED_TUNNELS }),
    name: 'set-up-two-tier',
    title: 'Tunnel set-up, two tiers',
  };
  return [
    ...one.map((workload) => ({ workload, pair: ONE_TIER })),
    { workload: chained, pair: TWO_TIERS },
  ].map(({ workload, pair }) => ({ workload: { ...workload, subjects: [pair.baseline, pair.tree] }, pair }));
}

/** The checkouts in `roots` in every role. */
export function racers(roots: Pair): readonly Subject[] {
  return (['baseline', 'tree'] as const).flatMap((who) => [
    { name: ONE_TIER[who], title: who, story: '', start: (setting) => startWeir(setting, roots[who]) },
    {
      name: TWO_TIERS[who],
      title: who,
      story: '',
      start: (setting) => startWeirTwoTier(setting, roots[who]),
    },
  ]);
}
