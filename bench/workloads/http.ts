/** Plain HTTP forwarded over connections that are kept alive, by autocannon. */
import { COUNT_ANSWER } from '../load/answers.ts';
import type { HttpJob } from '../load/job.ts';
import type { SubjectName } from '../subjects/subject.ts';
import type { Sizes } from './sizes.ts';
import { jobWorkload, pathTo, type Turn, type Workload } from './workload.ts';

const CONNECTIONS = 16;

/** The relay knows CONNECT only, and tinyproxy keeps no connection alive. */
const FORWARDERS: readonly SubjectName[] = [
  'direct',
  'weir',
  'weir-two-tier',
  'squid',
  'squid-two-tier',
  'traffic-server',
  'proxy-chain',
];

interface Kind {
  readonly name: string;
  readonly title: string;
  readonly method: HttpJob['method'];
  /** Of the answer to a GET, of the request of a POST. */
  readonly bytes: number;
  readonly amount: number;
}

export function httpJob(turn: Turn, { method, bytes, amount }: Omit<Kind, 'name' | 'title'>): HttpJob {
  const isGet = method === 'GET';
  return {
    kind: 'http',
    ...pathTo('http', turn),
    method,
    path: isGet ? `/${bytes}` : '/count',
    bodyBytes: isGet ? 0 : bytes,
    answerBytes: isGet ? bytes : COUNT_ANSWER.length,
    connections: CONNECTIONS,
    amount,
  };
}

function http(kind: Kind, { warmUps }: Sizes): Workload {
  const { name, title, method, bytes, amount } = kind;
  return jobWorkload({
    name,
    title,
    unit: 'request',
    story: `${amount} requests over ${CONNECTIONS} connections that are kept alive`,
    subjects: FORWARDERS,
    warmUps,
    proof: (turn) => ({ kind: 'http-proof', ...pathTo('http', turn), method, bytes }),
    work: (turn) => ({ job: httpJob(turn, kind), units: amount }),
  });
}

/** GET of a small and of a large answer, and POST. */
export function httpWorkloads(sizes: Sizes): readonly Workload[] {
  const { requests: amount, largeRequests } = sizes;
  const kinds: readonly Kind[] = [
    { name: 'get-1k', title: 'GET, 1 kB', method: 'GET', bytes: 1000, amount },
    { name: 'get-64k', title: 'GET, 64 kB', method: 'GET', bytes: 64_000, amount: largeRequests },
    { name: 'post-4k', title: 'POST, 4 kB', method: 'POST', bytes: 4000, amount },
  ];
  return kinds.map((kind) => http(kind, sizes));
}
