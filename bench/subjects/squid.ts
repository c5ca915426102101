/**
 * Squid with the same rules as Weir, access log to a file in batches as Weir writes its own, no cache, and otherwise as it comes;
 * one tier, or both in a chain of plain TCP.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/lib/ports.ts';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { untilReachable } from '../harness/ports.ts';
import { Program } from '../harness/program.ts';
import { ownWay, type Tier } from './own-way.ts';
import { squidAccess } from './squid-conf.ts';
import { HOST, ORIGIN_NAME, type Setting, type Subject, type Way } from './subject.ts';
import { policyOf, tierOne, tierTwo } from './tier.ts';
import { missingTool, ownFolder } from './tools.ts';

const SHARED_MEMORY = '/dev/shm';

function configuration(folder: string, port: number, lines: readonly string[]): string {
  return [
    `http_port ${HOST}:${port}`,
    `visible_hostname bench${port}`,
    `pid_filename ${folder}/squid.pid`,
    `coredump_dir ${folder}`,
    `cache_log ${folder}/cache.log`,
    `access_log stdio:${folder}/access.log squid`,
    'buffered_logs on',
    `hosts_file ${folder}/hosts`,
    'pinger_enable off',
    'netdb_filename none',
    'cache deny all',
    'shutdown_lifetime 0 seconds',
    'max_filedescriptors 20000',
    ...lines,
    '',
  ].join('\n');
}

/** Starts a Squid in `folder`; it ends with `owner`. */
async function startTier(
  owner: AsyncDisposableStack,
  folder: string,
  lines: readonly string[],
): Promise<Tier> {
  const port = await freePort();
  const file = join(folder, 'squid.conf');
  writeFileSync(join(folder, 'hosts'), `${HOST} localhost\n${HOST} ${ORIGIN_NAME}\n`);
  writeFileSync(file, configuration(folder, port, lines));
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

function start(setting: Setting, isChain: boolean): Promise<Way> {
  return ownWay(ORIGIN_NAME, async (owner) => {
    const folder = ownFolder(owner);
    const last = await startTier(owner, folder, squidAccess(policyOf(tierTwo(setting, folder))));
    if (!isChain) return [last];
    const access = squidAccess(policyOf(tierOne(setting, last.port)));
    const peer = `cache_peer ${HOST} parent ${last.port} 0 no-query no-digest default`;
    const first = await startTier(owner, ownFolder(owner), [...access, peer, 'never_direct allow all']);
    return [first, last];
  });
}

const missing = (): string | undefined => missingTool('squid');

export const squid: Subject = {
  name: 'squid',
  title: 'Squid',
  story: 'the rules of `examples/t2.yaml`, access log to a file, nothing cached',
  missing,
  start: (setting) => start(setting, false),
};

export const squidTwoTier: Subject = {
  name: 'squid-two-tier',
  title: 'Squid, two tiers',
  story:
    'the rules of `examples/t1.yaml` before those of `examples/t2.yaml`, plain TCP between them; the cost of both',
  missing,
  start: (setting) => start(setting, true),
};
