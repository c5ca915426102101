/** Where numbers come from: the machine, the versions of what was measured, the commit. Without them a number means nothing. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import process from 'node:process';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import type { Machine } from '../report/results.ts';

/** More than this much of the machine busy before the start makes numbers useless. */
export const MAX_LOAD = 0.3;

/** How programs that are not ours tell their version, by the name of the subject. */
const VERSION_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  Squid: ['squid', '-v'],
  tinyproxy: ['tinyproxy', '-v'],
  'Traffic Server': ['traffic_server', '-V'],
};

function versionOf([name = '', ...args]: readonly string[]): string | undefined {
  const path = toolPath(name);
  if (path === undefined) return undefined;
  try {
    const said = execFileSync(path, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return /\d+(?:\.\d+)+/.exec(said)?.[0];
  } catch {
    return undefined;
  }
}

function systemName(): string {
  const [, name = 'Linux'] = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? [];
  return `${name}, kernel ${release()}`;
}

/** Part of the machine that was busy in the last minute. */
export function loadNow(): number {
  return (loadavg()[0] ?? 0) / availableParallelism();
}

export function describeMachine(): Machine {
  const versions = Object.entries(VERSION_COMMANDS).flatMap(([name, command]): [string, string][] => {
    const version = versionOf(command);
    return version === undefined ? [] : [[name, version]];
  });
  return {
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: systemName(),
    node: process.versions.node,
    versions: Object.fromEntries(versions),
    loadBefore: loadNow(),
  };
}

/** The commit that is checked out in `root`; with `+` where files differ from it. */
export function commitOf(root: string): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}
