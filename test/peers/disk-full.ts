/**
 * A real Weir whose disk is full: with four workers and all that they write on it, and where more has to wait than there is room for in
 * memory. What is lost is counted and told of, and all comes back by itself.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { verifyFiles } from '#audit/verify-files.ts';
import { assertionOf } from '../fixtures/assertions.ts';
import { RawClient } from '../fixtures/client.ts';
import { keyFile, secondTierKeys, trusting } from '../fixtures/hops.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { smallDisk, withOwnDisks } from '../fixtures/small-disk.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';
import { ask, claims, FORMS, fieldsOf, KEY } from '../fixtures/told-tier.ts';
import { end, say, Traffic } from '../fixtures/traffic.ts';
import { metric, readiness, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { onEach } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const WORKERS = 4;
const REFUSED =
  'weir_requests_total{listener="main",method="GET",outcome="failed",reason="audit_unavailable"}';
const DROPPED = (log: string): string => `weir_log_dropped_total{log="${log}"}`;
/** Enough for what waits in memory for both logs. */
const ROOMY_KIB = 65_536;
/** What one connection sends ahead. */
const AHEAD = 50;

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Requests whose records are as long as records get; all are refused by the policy. */
async function flood(port: number, count: number): Promise<void> {
  const request = `GET http://origin.example/${'x'.repeat(2100)} HTTP/1.1\r\nHost: x\r\n\r\n`;
  for (let sent = 0; sent < count; sent += AHEAD) {
    await using client = await RawClient.connect(port);
    client.send(request.repeat(AHEAD));
    await client.until((text) => countOf(text, /^HTTP\/1\.1 403/gm) === AHEAD);
  }
}

/** What a client reads. */
async function saysWhy(t: Test, { port }: { readonly port: number }, target: string): Promise<void> {
  await using client = await RawClient.connect(port);
  client.send(`GET http://${target}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const answer = await client.rest();
  t.match(answer, /^HTTP\/1\.1 503 Audit trail cannot be written \(t2\)\r\n/);
  t.match(answer, /Proxy-Status: t2;error=proxy_internal_error;details="audit_unavailable"/);
  t.match(answer.split('\r\n\r\n')[1], 'Try again soon', 'what to do');
}

async function isStrict(t: Test): Promise<void> {
  const disk = await smallDisk(t);
  const [path, accessPath] = ['audit.log', 'access.log'].map((name) => join(disk.folder, name)) as [
    string,
    string,
  ];
  const file = keyFile(t, 1);
  const yaml = yamlOf(
    secondTierKeys(file, {
      workers: String(WORKERS),
      hop: trusting(file, { replayDirectory: disk.folder }),
      access: '[{ name: everyone, allow: [all] }]',
      log: `{ audit: { path: ${path}, strict: true }, access: { path: ${accessPath} } }`,
    }),
  );
  const traffic = await Traffic.to(t);
  const weir = await startWeir(t, yaml);
  const statuses = (): Promise<readonly number[]> => onEach(weir, () => traffic.statusOf(weir));
  const target = `origin.example:${traffic.webPort}`;
  const told = fieldsOf(assertionOf(KEY, claims(target)));
  t.same(await statuses(), [200, 200, 200, 200]);
  const tunnel = await traffic.openTunnel(t, weir);

  disk.fill();
  await eventually(async () => (await traffic.statusOf(weir)) === 503, 'a refusal');
  t.same(await statuses(), [503, 503, 503, 503], 'by each worker');
  await saysWhy(t, weir, target);
  await weir.logged('Cannot write the audit trail');
  t.equal(await readiness(weir), 503);
  t.ok((await metric(weir, REFUSED)) >= WORKERS + 2);
  t.equal(
    (await ask(weir, FORMS.GET(target), told)).status,
    500,
    'whether it was used before nobody can know',
  );
  await say(tunnel, 'hello again');

  disk.clear();
  using watch = new Stopwatch();
  await eventually(async () => (await readiness(weir)) === 200, 'room');
  t.ok(watch.ms < 5_000, 'by itself within 5 s');
  const allServe = async (): Promise<boolean> => (await statuses()).every((status) => status === 200);
  await eventually(allServe, 'each worker to hear of it');
  const fresh = fieldsOf(assertionOf(KEY, claims(target)));
  t.equal((await ask(weir, FORMS.GET(target), fresh)).status, 200, 'and so can be used what is told');
  t.equal(await metric(weir, DROPPED('access')), 0);
  await end(tunnel);
  weir.signal('SIGTERM');
  await weir.exited;
  t.match(await verifyFiles([path]), { finding: undefined, gaps: [] });
  t.match(readFileSync(accessPath, 'utf8'), '"reason":"audit_unavailable"', 'the access log has waited');
}

async function hasNoRoom(t: Test): Promise<void> {
  const disk = await smallDisk(t, ROOMY_KIB);
  const [path, accessPath] = ['audit.log', 'access.log'].map((name) => join(disk.folder, name)) as [
    string,
    string,
  ];
  const weir = await startWeir(
    t,
    yamlOf({
      access: '[{ name: nobody, deny: [all] }]',
      log: `{ audit: { path: ${path} }, access: { path: ${accessPath} } }`,
    }),
  );
  disk.fill();
  let sent = 0;
  const dropped = (log: string): Promise<number> => metric(weir, DROPPED(log));
  while ((await dropped('audit')) === 0 || (await dropped('access')) === 0) {
    await flood(weir.port, 500);
    sent += 500;
  }
  disk.clear();
  await weir.logged('Audit trail is written again');
  await flood(weir.port, AHEAD);
  sent += AHEAD;
  const [lost, unlogged] = [await dropped('audit'), await dropped('access')];
  weir.signal('SIGTERM');
  await weir.exited;
  const { finding, gaps } = await verifyFiles([path]);
  t.equal(finding, undefined);
  t.equal(
    gaps.reduce((sum, gap) => sum + gap.lost, 0),
    lost,
  );
  t.equal(countOf(readFileSync(path, 'utf8'), /"event":"decision"/g), sent - lost);
  t.equal(countOf(readFileSync(accessPath, 'utf8'), /\n/g), sent - unlogged, 'the access log is back, too');
}

function whole(): void {
  // Attacks: no-unrecorded.
  t.test(
    'with workers and a strict trail nothing passes while the disk is full, and all does after',
    isStrict,
  );
  t.test('what neither the disk nor the memory has room for is counted, and gaps tell of it', hasNoRoom);
}

await withOwnDisks(t, import.meta.filename, whole);
