/** The work that is measured: a job for the load generator, its proof beforehand, and the unit that results are told in. */
import type { Address, Job, OriginPorts } from '../load/job.ts';

export interface Workload {
  readonly name: string;
  /** What one unit is, and how many units a job does. */
  readonly unit: string;
  readonly units: number;
  /** A small job that compares every byte; nothing is timed before it went well. */
  prove(ports: OriginPorts, via: Address | undefined): Job;
  job(ports: OriginPorts, via: Address | undefined): Job;
}

const MEGABYTE = 1e6;
const TUNNELS = 4000;
const PARALLEL = 16;
const DOWNLOAD_BYTES = 256 * MEGABYTE;

const path = (port: number, via: Address | undefined) => ({
  target: { host: '127.0.0.1', port },
  ...(via === undefined ? {} : { via }),
});

const setUp: Workload = {
  name: 'tunnel set-up',
  unit: 'tunnel (CONNECT, 64 B ping-pong, close)',
  units: TUNNELS,
  prove: ({ echo }, via) => ({ kind: 'setUp', ...path(echo, via), count: 200, parallel: PARALLEL }),
  job: ({ echo }, via) => ({ kind: 'setUp', ...path(echo, via), count: TUNNELS, parallel: PARALLEL }),
};

const bulk: Workload = {
  name: 'download',
  unit: 'GB through one tunnel',
  units: DOWNLOAD_BYTES / (1000 * MEGABYTE),
  prove: ({ download }, via) => ({
    kind: 'download',
    ...path(download, via),
    bytes: 20 * MEGABYTE + 7,
    compare: true,
  }),
  job: ({ download }, via) => ({
    kind: 'download',
    ...path(download, via),
    bytes: DOWNLOAD_BYTES,
    compare: false,
  }),
};

export const WORKLOADS: readonly Workload[] = [setUp, bulk];
