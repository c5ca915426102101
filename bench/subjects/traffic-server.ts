/** Apache Traffic Server as a forward proxy without a cache: an address list, any port, its log in Squid's format. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programWay } from './program-way.ts';
import { HOST, type Subject, type Way } from './subject.ts';
import { missingTool } from './tools.ts';

const FORMAT = '%<cqtq> %<ttms> %<chi> %<crc>/%<pssc> %<psql> %<cqhm> %<pquc> %<caun> %<phr>/%<shn> %<psct>';

function records(port: number): string {
  return [
    `CONFIG proxy.config.http.server_ports STRING ${port}:ip-in=${HOST}`,
    'CONFIG proxy.config.reverse_proxy.enabled INT 0',
    'CONFIG proxy.config.url_remap.remap_required INT 0',
    'CONFIG proxy.config.http.connect_ports STRING 443 1025-65535',
    'CONFIG proxy.config.http.cache.http INT 0',
    'CONFIG proxy.config.log.logging_enabled INT 3',
    'CONFIG proxy.config.admin.user_id STRING #-1',
    'CONFIG proxy.config.crash_log_helper STRING NULL',
    '',
  ].join('\n');
}

const IP_ALLOW = `ip_allow:
  - { apply: in, ip_addrs: 127.0.0.0/8, action: allow, methods: ALL }
`;

const LOGGING = `logging:
  formats: [{ name: squid, format: '${FORMAT}' }]
  logs: [{ filename: access, format: squid, mode: ascii }]
`;

/** Where it looks for everything; a folder of its own for what it writes, the system's for what it reads. */
function layout(folder: string): string {
  const own = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  return Object.entries({
    prefix: '/usr',
    exec_prefix: '/usr',
    bindir: '/usr/bin',
    sbindir: '/usr/sbin',
    sysconfdir: own('etc'),
    datadir: own('data'),
    includedir: '/usr/include',
    libdir: '/usr/lib/trafficserver',
    libexecdir: '/usr/lib/trafficserver/modules',
    localstatedir: folder,
    runtimedir: own('run'),
    logdir: own('log'),
    cachedir: own('cache'),
  })
    .map(([name, path]) => `${name}: ${path}\n`)
    .join('');
}

function writeConfiguration(folder: string, port: number): string {
  const file = join(folder, 'runroot.yaml');
  writeFileSync(file, layout(folder));
  const files = {
    'records.config': records(port),
    'ip_allow.yaml': IP_ALLOW,
    'logging.yaml': LOGGING,
    'storage.config': `${folder}/cache 16M\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'etc', name), text);
  return file;
}

function start(): Promise<Way> {
  return programWay('traffic_server', (folder, port) => [`--run-root=${writeConfiguration(folder, port)}`]);
}

export const trafficServer: Subject = {
  name: 'traffic-server',
  title: 'Traffic Server',
  story: 'forward proxy without a cache: an address list and its log, no rules for names',
  missing: () => missingTool('traffic_server'),
  start,
};
