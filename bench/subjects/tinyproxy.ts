/** tinyproxy with an address list, a list of CONNECT ports and its log on. It resolves by the system, so it is asked for an address. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programWay } from './program-way.ts';
import { HOST, type Setting, type Subject, type Way } from './subject.ts';
import { missingTool } from './tools.ts';

function configuration(folder: string, port: number, { ports }: Setting): string {
  return [
    `Port ${port}`,
    `Listen ${HOST}`,
    'Timeout 600',
    'MaxClients 10000',
    'Allow 127.0.0.0/8',
    ...[443, ports.echo, ports.bulk].map((allowed) => `ConnectPort ${allowed}`),
    `LogFile "${folder}/tinyproxy.log"`,
    'LogLevel Connect',
    '',
  ].join('\n');
}

function start(setting: Setting): Promise<Way> {
  return programWay('tinyproxy', (folder, port) => {
    const file = join(folder, 'tinyproxy.conf');
    writeFileSync(file, configuration(folder, port, setting));
    return ['-d', '-c', file];
  });
}

export const tinyproxy: Subject = {
  name: 'tinyproxy',
  title: 'tinyproxy',
  story: 'an address list and its log; keeps no HTTP connection alive',
  missing: () => missingTool('tinyproxy'),
  start,
};
