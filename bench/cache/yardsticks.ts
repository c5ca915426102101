/** Other people's shared caches, as their packages set them up, with what is theirs to allow turned on: Squid, nginx and Varnish. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { guard } from '../../scripts/lib/guardian.ts';
import { freePort, isReachable } from '../../scripts/lib/ports.ts';

export interface Yardstick extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

const PATIENCE_MS = 15_000;

/** What `program` says of itself. @throws where it says none */
export function versionOf(program: string): string {
  const flag = program.endsWith('varnishd') ? '-V' : '-v';
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' });
  const version = /(?:Version |nginx\/|varnish-)(\d[\d.]*\d)/.exec(stdout + stderr)?.[1];
  if (version === undefined) throw new Error(`${program} ${flag} tells no version: ${stdout}${stderr}`);
  return version;
}

/** A forward proxy with 64 MB of memory and no disk. */
export async function startSquid(
  program: string,
  { logsAccess = false }: { readonly logsAccess?: boolean } = {},
): Promise<Yardstick> {
  const folder = folderForAll('squid');
  const port = await freePort();
  const conf = join(folder, 'squid.conf');
  writeFileSync(
    conf,
    [
      `http_port 127.0.0.1:${port}`,
      'acl near src 127.0.0.0/8',
      'http_access allow near',
      'cache_mem 64 MB',
      'maximum_object_size_in_memory 4 MB',
      'cache deny !all',
      'refresh_pattern . 0 10% 1440',
      logsAccess ? `access_log stdio:${folder}/access.log buffer-size=64KB` : 'access_log none',
      'buffered_logs on',
      `cache_log ${folder}/cache.log`,
      `pid_filename ${folder}/squid.pid`,
      `coredump_dir ${folder}`,
      'pinger_enable off',
      'shutdown_lifetime 0 seconds',
      '',
    ].join('\n'),
  );
  return started({ program, args: ['-N', '-n', `cases${port}`, '-f', conf], folder, port });
}

/** In front of the origin at `originPort`. */
export async function startNginx(program: string, originPort: number): Promise<Yardstick> {
  const folder = folderForAll('nginx');
  const port = await freePort();
  const conf = join(folder, 'nginx.conf');
  for (const name of ['cache', 'body', 'temp']) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), 0o777);
  }
  writeFileSync(
    conf,
    `daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/temp;
  fastcgi_temp_path ${folder}/temp; uwsgi_temp_path ${folder}/temp; scgi_temp_path ${folder}/temp;
  proxy_cache_path ${folder}/cache keys_zone=cases:8m;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${originPort};
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_cache cases; proxy_cache_revalidate on; proxy_cache_background_update on;
    }
  }
}
`,
  );
  return started({
    program,
    args: ['-e', join(folder, 'error.log'), '-c', conf, '-p', folder],
    folder,
    port,
  });
}

/** In front of the origin at `originPort`, as it comes, with 64 MB of memory. Nothing may ask it anything but the cases. */
export async function startVarnish(program: string, originPort: number): Promise<Yardstick> {
  const folder = folderForAll('varnish');
  const port = await freePort();
  const args = ['-F', '-n', join(folder, 'work'), '-T', 'none', '-s', 'malloc,64m'];
  args.push('-a', `127.0.0.1:${port}`, '-b', `127.0.0.1:${originPort}`);
  return started({ program, args, folder, port });
}

/** Started by root they become somebody else, who must be able to write there. */
function folderForAll(name: string): string {
  const folder = mkdtempSync(join(os.tmpdir(), `weir-cases-${name}-`));
  chmodSync(folder, 0o777);
  return folder;
}

interface Start {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly port: number;
}

async function started({ program, args, folder, port }: Start): Promise<Yardstick> {
  const child: ChildProcess = spawn(program, args, { stdio: 'ignore' });
  const exited = once(child, 'exit').then(guard({ pid: child.pid, folder }));
  const until = performance.now() + PATIENCE_MS;
  while (!(await isReachable(port))) {
    if (performance.now() > until || child.exitCode !== null)
      throw new Error(`${program} does not start; see ${folder}`);
    await pause(50);
  }
  return {
    port,
    pid: child.pid as number,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
