/**
 * Processor time for each hit in memory, Weir beside Squid (`npm run cache:bench`): both with an ACL and an access log to a file, an
 * object of 1 kB and one of 64 kB, the same clients, in turns. The clients are in this process, which is not charged.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { cpuSecondsOf } from '../harness/proc.ts';
import { http as ask } from '../load/jobs/http.ts';
import { spreadOf } from '../stats/spread.ts';
import { startSquid } from './yardsticks.ts';

const ROUNDS = 5;
const CONNECTIONS = 16;
const KINDS = [
  { name: '1 kB', bytes: 1000, amount: 15_000 },
  { name: '64 kB', bytes: 64_000, amount: 6000 },
] as const;

interface Subject {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

/** `/1000` is an object of so many bytes that may be kept for an hour. */
const origin = http.createServer((request, response) => {
  const bytes = Number(request.url?.slice(1));
  response.writeHead(200, {
    'Cache-Control': 'max-age=3600',
    'Content-Type': 'text/plain',
    'Content-Length': bytes,
  });
  response.end(Buffer.alloc(bytes, 'x'));
  asked += 1;
});
let asked = 0;

async function microsecondsEach(
  { port, pid }: Subject,
  kind: { bytes: number; amount: number },
): Promise<number> {
  const before = cpuSecondsOf([pid]);
  await ask({
    kind: 'http',
    target: { host: '127.0.0.1', port: originPort },
    via: { host: '127.0.0.1', port },
    method: 'GET',
    path: `/${kind.bytes}`,
    bodyBytes: 0,
    answerBytes: kind.bytes,
    connections: CONNECTIONS,
    amount: kind.amount,
  });
  return ((cpuSecondsOf([pid]) - before) / kind.amount) * 1e6;
}

const program = toolPath('squid');
if (program === undefined) throw new Error('Cannot measure beside Squid: it is not installed');
await new Promise<void>((resolve) => {
  origin.listen(0, '127.0.0.1', resolve);
});
const { port: originPort } = origin.address() as AddressInfo;
const folder = mkdtempSync(join(os.tmpdir(), 'weir-hits-'));
{
  await using weir = await WeirProcess.start(`name: t
listeners: [{ name: main, address: 127.0.0.1:0 }]
admin: { address: 127.0.0.1:0 }
acls: { near: { src: [127.0.0.0/8] } }
access: [{ name: near, allow: [near], cache: true }]
routes: [{ name: out, direct: true }]
guard: { allow: [127.0.0.0/8] }
log: { access: { path: ${join(folder, 'access.log')} } }
`);
  await using squid = await startSquid(program, { logsAccess: true });
  const subjects: readonly Subject[] = [
    { name: 'Weir', port: weir.port, pid: weir.pid },
    { name: 'Squid', port: squid.port, pid: squid.pid },
  ];
  for (const kind of KINDS) {
    for (const subject of subjects) await microsecondsEach(subject, kind);
    const askedBefore = asked;
    const costs = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round += 1)
      for (const subject of subjects) costs.get(subject.name)?.push(await microsecondsEach(subject, kind));
    if (asked !== askedBefore) throw new Error('Those were no hits: the origin was asked');
    const [ours = [], theirs = []] = subjects.map(({ name }) => costs.get(name));
    const ratio = spreadOf(ours.map((cost, round) => cost / (theirs[round] as number)));
    console.log(
      `${kind.name}: Weir ${spreadOf(ours).median.toFixed(1)} µs, Squid ${spreadOf(theirs).median.toFixed(1)} µs a hit; ratio ${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`,
    );
  }
}
origin.close();
origin.closeAllConnections();
rmSync(folder, { recursive: true, force: true });
