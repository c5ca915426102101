/** Plain HTTP answered from the memory of a cache, over connections that are kept alive, by autocannon. */
import type { HttpJob } from '../load/job.ts';
import type { Sizes } from './sizes.ts';
import { jobWorkload, pathTo, type Turn, type Workload } from './workload.ts';

const CONNECTIONS = 16;

interface Kind {
  readonly name: string;
  readonly title: string;
  readonly bytes: number;
  readonly amount: number;
}

function hitJob(turn: Turn, { bytes, amount }: Kind): HttpJob {
  return {
    kind: 'http',
    ...pathTo('http', turn),
    method: 'GET',
    path: `/kept/${bytes}`,
    bodyBytes: 0,
    answerBytes: bytes,
    connections: CONNECTIONS,
    amount,
  };
}

function hits(kind: Kind, { warmUps }: Sizes): Workload {
  const { name, title, bytes, amount } = kind;
  return jobWorkload({
    name,
    title,
    unit: 'hit',
    story: `${amount} requests over ${CONNECTIONS} connections that are kept alive, for one object that the cache has in memory`,
    subjects: ['weir-cache', 'squid-cache'],
    warmUps,
    proof: (turn) => ({ kind: 'http-proof', ...pathTo('http', turn), method: 'GET', bytes, isKept: true }),
    work: (turn) => ({ job: hitJob(turn, kind), units: amount }),
  });
}

/** Of a small object and of a large one. */
export function hitWorkloads(sizes: Sizes): readonly Workload[] {
  const { hits: amount, largeHits } = sizes;
  const kinds: readonly Kind[] = [
    { name: 'hit-1k', title: 'Cache hit, 1 kB', bytes: 1000, amount },
    { name: 'hit-64k', title: 'Cache hit, 64 kB', bytes: 64_000, amount: largeHits },
  ];
  return kinds.map((kind) => hits(kind, sizes));
}
