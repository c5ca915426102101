/**
 * A disk that is full, by a real one: a tmpfs of some pages in a mount namespace of the test's own. In strict mode nothing passes, and
 * says why; it is over by itself when there is room again, and the chain holds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { verifyFiles } from '#audit/verify-files.ts';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { smallDisk, withOwnDisks } from '../fixtures/small-disk.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { metric, readiness, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(120_000);

const UNAVAILABLE =
  /^HTTP\/1\.1 503 Audit trail cannot be written \(t1?\)\r\n(.+\r\n)*Proxy-Status: t1?;error=proxy_internal_error;details="audit_unavailable"/;

/** A disk, and where the trail is on it. */
async function diskOf(t: Test) {
  const disk = await smallDisk(t);
  return { ...disk, path: join(disk.folder, 'audit.log') };
}

/** Fills what is left of the last page of the trail. */
async function untilRefused(traffic: Traffic, weir: WeirProcess): Promise<void> {
  await eventually(async () => (await traffic.statusOf(weir)) === 503, 'a refusal');
}

function whole(): void {
  // Attacks: no-unrecorded.
  t.test('in strict mode nothing passes while the disk is full, and all does when it is not', async (t) => {
    const disk = await diskOf(t);
    const traffic = await Traffic.to(t);
    const weir = await startWeir(t, yamlOf({ log: `{ audit: { path: ${disk.path}, strict: true } }` }));
    t.equal(await traffic.statusOf(weir), 200);
    disk.fill();
    await untilRefused(traffic, weir);
    await using client = await RawClient.connect(weir.port);
    client.send(`CONNECT origin.example:${traffic.echoPort} HTTP/1.1\r\nHost: x\r\n\r\n`);
    t.match(await client.head(), UNAVAILABLE);
    t.equal(await readiness(weir), 503);
    t.equal(await metric(weir, 'weir_audit_failing'), 1);
    await weir.logged('Cannot write the audit trail');
    disk.clear();
    using watch = new Stopwatch();
    await eventually(async () => (await readiness(weir)) === 200, 'room');
    t.ok(watch.ms < 5_000, 'by itself within 5 s');
    t.equal(await traffic.statusOf(weir), 200);
    t.equal(await metric(weir, 'weir_audit_failing'), 0);
    weir.signal('SIGTERM');
    await weir.exited;
    t.match(await verifyFiles([disk.path]), { finding: undefined, gaps: [] });
    t.match(readFileSync(disk.path, 'utf8'), '"reason":"audit_unavailable"');
  });

  t.test('otherwise all passes, records wait for room, and nothing is lost', async (t) => {
    const disk = await diskOf(t);
    const traffic = await Traffic.to(t);
    const weir = await startWeir(t, yamlOf({ log: `{ audit: { path: ${disk.path} } }` }));
    disk.fill();
    for (let count = 0; count < 20; count += 1) t.equal(await traffic.statusOf(weir), 200);
    await weir.logged('Cannot write the audit trail');
    t.equal(await metric(weir, 'weir_log_dropped_total{log="audit"}'), 0);
    disk.clear();
    await weir.logged('Audit trail is written again');
    weir.signal('SIGTERM');
    await weir.exited;
    t.match(await verifyFiles([disk.path]), { finding: undefined, gaps: [] });
    t.equal(readFileSync(disk.path, 'utf8').match(/"event":"decision"/g)?.length, 20);
  });
}

await withOwnDisks(t, import.meta.filename, whole);
