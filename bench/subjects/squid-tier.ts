/** One Squid that runs: its configuration around the lines of a subject, where it listens, and what it leaves behind. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/lib/ports.ts';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { untilReachable } from '../harness/ports.ts';
import { Program } from '../harness/program.ts';
import { type Certificates, TIER_NAME } from './certificates.ts';
import type { Tier } from './own-way.ts';
import { HOST, ORIGIN_NAME } from './subject.ts';

const SHARED_MEMORY = '/dev/shm';
/** What Weir's tiers speak as well. */
const NEWEST = 'tls-min-version=1.3';

function configuration(folder: string, port: number, { tls, lines, isCaching = false }: Start): string {
  return [
    portLine(port, tls),
    `visible_hostname bench${port}`,
    `pid_filename ${folder}/squid.pid`,
    `coredump_dir ${folder}`,
    `cache_log ${folder}/cache.log`,
    `access_log stdio:${folder}/access.log squid`,
    'buffered_logs on',
    `hosts_file ${folder}/hosts`,
    'pinger_enable off',
    'netdb_filename none',
    ...(isCaching ? ['cache_mem 256 MB', 'maximum_object_size_in_memory 1 MB'] : ['cache deny all']),
    'shutdown_lifetime 0 seconds',
    'max_filedescriptors 20000',
    ...lines,
    '',
  ].join('\n');
}

/** Where it listens; with TLS it lets in who shows a certificate of the authority's. */
function portLine(port: number, tls: Certificates | undefined): string {
  if (tls === undefined) return `http_port ${HOST}:${port}`;
  const { ca, cert, key } = tls;
  return `https_port ${HOST}:${port} tls-cert=${cert} tls-key=${key} clientca=${ca} ${NEWEST}`;
}

/** The way to a tier of Squid's or behind a relay, which is asked for everything. */
export function peerLine(port: number, tls: Certificates | undefined): string {
  const plain = `cache_peer ${HOST} parent ${port} 0 no-query no-digest default`;
  if (tls === undefined) return plain;
  const { ca, cert, key } = tls;
  return `${plain} tls tls-cafile=${ca} sslcert=${cert} sslkey=${key} ssldomain=${TIER_NAME} ${NEWEST}`;
}

interface Start {
  readonly folder: string;
  readonly lines: readonly string[];
  /** Where it listens for nobody but another tier. */
  readonly tls?: Certificates | undefined;
  /** Whether it keeps in memory what it may. @default false */
  readonly isCaching?: boolean;
}

/** Starts a Squid; it ends with `owner`. */
export async function startSquid(owner: AsyncDisposableStack, start: Start): Promise<Tier> {
  const { folder } = start;
  const port = await freePort();
  const file = join(folder, 'squid.conf');
  writeFileSync(join(folder, 'hosts'), `${HOST} localhost\n${HOST} ${ORIGIN_NAME}\n`);
  writeFileSync(file, configuration(folder, port, start));
  // The service's name is that of its shared memory too, and has to be its own on the whole machine.
  const name = `bench${port}`;
  owner.defer(() => removeSharedMemory(name));
  const command = [toolPath('squid') ?? 'squid', '-N', '-n', name, '-f', file];
  const program = owner.use(await Program.spawn(command, folder));
  await untilReachable(port, program);
  return { pid: program.pid, port };
}

/** A Squid that was killed leaves it behind. */
function removeSharedMemory(name: string): void {
  for (const file of readdirSync(SHARED_MEMORY)) {
    if (file.startsWith(`${name}-`)) rmSync(join(SHARED_MEMORY, file), { force: true });
  }
}
