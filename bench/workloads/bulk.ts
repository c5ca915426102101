/** Many bytes through one tunnel or sixteen, in each direction. */
import type { BulkJob } from '../load/job.ts';
import { SUBJECT_NAMES } from '../subjects/subject.ts';
import type { Sizes } from './sizes.ts';
import { jobWorkload, pathTo, type Turn, type Workload } from './workload.ts';

const GB = 1e9;
const PROOF_BYTES = 20_000_007;

interface Kind {
  readonly direction: BulkJob['direction'];
  readonly tunnels: number;
}

export function bulkJob(turn: Turn, { direction, tunnels }: Kind, bytes: number): BulkJob {
  return { kind: 'bulk', ...pathTo('bulk', turn), direction, tunnels, bytes, isCompared: false };
}

export function bulk(kind: Kind, { bulkBytes, warmUps }: Sizes): Workload {
  const word = kind.direction === 'down' ? 'download' : 'upload';
  const through = kind.tunnels === 1 ? '1 tunnel' : `${kind.tunnels} tunnels`;
  return jobWorkload({
    name: `${word}-${kind.tunnels}`,
    title: `Bulk ${word}, ${through}`,
    unit: 'GB',
    story: `${bulkBytes / GB} GB through ${through}`,
    // All of them can be tunnelled through.
    subjects: SUBJECT_NAMES,
    warmUps: Math.max(1, warmUps - 1),
    proof: (turn) => ({ ...bulkJob(turn, kind, PROOF_BYTES), isCompared: true }),
    work: (turn) => ({ job: bulkJob(turn, kind, bulkBytes), units: bulkBytes / GB }),
  });
}
